//! An author's item where the compiler would refuse it in its own words too: what is wrong is taken out, so that our
//! error stays the only one. Items without an error are never touched.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Signature};

use crate::action::Function;

/// A function as it stands beside our errors.
pub(crate) fn function(function: &Function) -> Function {
    let mut mended = function.clone();
    let sig = &mut mended.sig;
    sig.constness = None;
    // The compiler refuses `async fn main`.
    if sig.ident == "main" && !function.attrs.iter().any(|attr| last(attr).is_some_and(|last| last == "main"))
    {
        sig.asyncness = None;
        sig.inputs.clear();
        sig.output = syn::ReturnType::Default;
        mended.body = quote!({});
    }
    let without_self = sig.receiver().is_some();
    if without_self {
        sig.inputs = sig.inputs.iter().filter(|arg| !matches!(arg, FnArg::Receiver(_))).cloned().collect();
    }
    if without_self || sig.variadic.is_some() || !function.has_body() {
        let span = sig.ident.span();
        mended.body = quote_spanned!(span=> { loop {} });
        mended.attrs.push(syn::parse_quote!(#[allow(unused, clippy::all, reason = "its body is left out")]));
    }
    sig.variadic = None;
    arguments(sig);
    without_action(&mut mended);
    mended
}

/// A function of a block that no action can stand in: as it was, but that it says no more of actions.
pub(crate) fn associated(function: &Function, block: &str) -> Function {
    let mut mended = function.clone();
    without_action(&mut mended);
    if block.contains("extern") {
        mended.sig.asyncness = None;
    }
    mended
}

/// Without the attribute, where it stands there a second time.
fn without_action(function: &mut Function) {
    function.attrs.retain(|attr| last(attr).is_none_or(|last| last != "action"));
}

fn last(attr: &syn::Attribute) -> Option<&Ident> {
    attr.path().segments.last().map(|last| &last.ident)
}

/// Attributes of arguments go, and lifetimes that nobody declared become `'_`.
fn arguments(sig: &mut Signature) {
    let declared: Vec<String> =
        sig.generics.lifetimes().map(|param| param.lifetime.ident.to_string()).collect();
    for arg in &mut sig.inputs {
        let FnArg::Typed(typed) = arg else { continue };
        typed.attrs.clear();
        let tokens = lifetimes(typed.ty.to_token_stream(), &|name| {
            (name != "static" && !declared.iter().any(|known| known == name)).then_some("_")
        });
        if let Ok(ty) = syn::parse2(tokens) {
            *typed.ty = ty;
        }
    }
}

/// A type that can stand where nothing may be borrowed: each borrow is for ever, and what only the function knows is
/// `()`.
pub(crate) fn owned_type(ty: &syn::Type, generics: &[Ident]) -> TokenStream {
    let tokens = ty.to_token_stream();
    if mentions(tokens.clone(), generics) { quote!(()) } else { lifetimes(tokens, &|_| Some("static")) }
}

/// Whether the type can't be named outside of its function.
fn mentions(tokens: TokenStream, generics: &[Ident]) -> bool {
    // What follows a quote is a lifetime, `'_` too.
    let mut in_lifetime = false;
    tokens.into_iter().any(|token| {
        let is_lifetime = std::mem::replace(&mut in_lifetime, false);
        match token {
            TokenTree::Group(group) => mentions(group.stream(), generics),
            TokenTree::Ident(ident) => {
                let unnameable = ident == "impl" || ident == "Self" || ident == "_";
                !is_lifetime && (unnameable || generics.contains(&ident))
            }
            TokenTree::Punct(punct) => {
                in_lifetime = punct.as_char() == '\'';
                matches!(punct.as_char(), '!' | '*')
            }
            TokenTree::Literal(_) => false,
        }
    })
}

/// The tokens with each lifetime replaced where `by` says so, and each `&` given the one that it leaves out.
pub(crate) fn lifetimes(tokens: TokenStream, by: &dyn Fn(&str) -> Option<&'static str>) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    let lifetime = |name: &str, span| {
        let mut quote = proc_macro2::Punct::new('\'', proc_macro2::Spacing::Joint);
        quote.set_span(span);
        [TokenTree::Punct(quote), TokenTree::Ident(Ident::new(name, span))]
    };
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(quote) if quote.as_char() == '\'' => match tokens.next() {
                Some(TokenTree::Ident(name)) => {
                    let name_text = name.to_string();
                    out.extend(lifetime(by(&name_text).unwrap_or(&name_text), name.span()));
                }
                other => out.extend(other),
            },
            TokenTree::Punct(and) if and.as_char() == '&' => {
                let named = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                let span = and.span();
                out.push(TokenTree::Punct(and));
                if let Some(name) = by("_").filter(|name| !named && *name != "_") {
                    out.extend(lifetime(name, span));
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), lifetimes(group.stream(), by));
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}
