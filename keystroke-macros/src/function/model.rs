//! The function as written: its parts, with the body left as tokens. The signature alone is read.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, FnArg, Lit, Signature, Type, Visibility};

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

/// Whether there is a doc comment of any kind.
pub(crate) fn is_documented(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| doc_value(attr).is_some())
}

/// What a `#[doc = …]` gives.
fn doc_value(attr: &Attribute) -> Option<&Expr> {
    let meta = attr.path().is_ident("doc").then(|| attr.meta.require_name_value().ok())??;
    Some(&meta.value)
}

/// The text of a `#[doc = "…"]`, as a `///` comment is one. Of a macro call, the compiler knows it later.
fn doc_text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => doc_text(&group.expr),
        _ => None,
    }
}

/// What a doc comment tells a model.
pub(crate) struct Description {
    /// The doc comment up to its first heading or code block (SEMANTICS §6), as one text of at most 1,024 characters.
    pub(crate) text: String,
    /// What of it, so far, is not known while the macro runs.
    pub(crate) unread: Option<TokenStream>,
}

/// Reads a doc comment.
pub(crate) fn description(attrs: &[Attribute]) -> Description {
    let mut lines: Vec<String> = Vec::new();
    let mut unread = None;
    let ends = |line: &str| ["#", "```", "~~~"].iter().any(|mark| line.trim().starts_with(mark));
    for attr in attrs {
        match doc_value(attr).map(|value| (value, doc_text(value))) {
            Some((_, Some(text))) => lines.extend(text.split('\n').map(str::to_owned)),
            Some((value, None)) => unread = unread.or_else(|| Some(value.to_token_stream())),
            None => {}
        }
        if lines.iter().any(|line| ends(line)) {
            break;
        }
    }
    let lines = lines.iter().map(|line| line.trim()).take_while(|line| !ends(line));
    Description { text: paragraphs(lines).chars().take(1024).collect(), unread }
}

/// Lines as text: each paragraph a line of its own.
fn paragraphs<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
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
    text.trim_end().to_owned()
}
