//! The function as written: its parts, with the body left as tokens. The signature alone is read.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Signature, Type, Visibility};

/// A function whose body nobody looked at.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
}

impl Function {
    /// Whether it is more than a signature.
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.body.clone().into_iter().next(), None | Some(TokenTree::Punct(_)))
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, vis, sig, body } = self;
        attrs.iter().for_each(|attr| attr.to_tokens(tokens));
        vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        body.to_tokens(tokens);
    }
}

/// A parameter, told apart by its `&` alone: what a type is, the compiler knows and the macro does not.
#[derive(Clone)]
pub(crate) struct Parameter {
    /// How messages name it.
    pub(crate) name: String,
    /// The type; of a lent parameter, that behind the `&`.
    pub(crate) ty: Type,
    pub(crate) lent: bool,
}

/// A type without parentheses and invisible groups around it.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        other => other,
    }
}

/// The name of a parameter as messages show it: of a pattern, the pattern.
pub(crate) fn parameter_name(arg: &FnArg) -> String {
    match arg {
        FnArg::Receiver(_) => "self".to_owned(),
        FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(ident) => ident.ident.to_string(),
            syn::Pat::Wild(_) => "_".to_owned(),
            // `SearchInput { query }`: the name before the braces.
            pattern => match pattern.to_token_stream().into_iter().next() {
                Some(TokenTree::Ident(name)) => name.to_string(),
                _ => "input".to_owned(),
            },
        },
    }
}

/// A type as its author would write it: the compiler's own spacing of tokens is no one's style.
pub(crate) fn shown(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in
        [(" ::", "::"), (":: ", "::"), (" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), ("& ", "&")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

/// `slack_send_message` → `SlackSendMessage`.
pub(crate) fn handle_name(function: &Ident) -> String {
    let name = function.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    let mut handle = String::new();
    for part in name.split('_') {
        let mut chars = part.chars();
        handle.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        handle.extend(chars);
    }
    handle
}

/// The text of the doc comment, line by line.
pub(crate) fn docs(attrs: &[Attribute]) -> Vec<String> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| attr.meta.require_name_value().ok())
        .filter_map(|meta| match &meta.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        })
        .collect()
}

/// The doc comment up to its first heading or code block (SEMANTICS §6), as one text of at most 1,024 characters.
pub(crate) fn description(attrs: &[Attribute]) -> String {
    let docs = docs(attrs).join("\n");
    let mut text = String::new();
    for line in docs.lines().map(str::trim) {
        if line.starts_with('#') || line.starts_with("```") || line.starts_with("~~~") {
            break;
        }
        match (line.is_empty(), text.ends_with('\n') || text.is_empty()) {
            (true, true) => {}
            (true, false) => text.push('\n'),
            (false, at_start) => {
                if !at_start {
                    text.push(' ');
                } else if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(line);
            }
        }
    }
    text.trim_end().chars().take(1024).collect()
}
