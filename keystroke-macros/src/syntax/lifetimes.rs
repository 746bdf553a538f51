//! Lifetimes in an author's type, replaced token by token: for the types beside an error.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

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
