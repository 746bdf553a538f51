//! Where generated tokens stand, so that the compiler points at what the author wrote.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;

/// From the first of an author's tokens to the last, with invisible groups opened: what a message points at.
#[derive(Clone, Copy)]
pub(crate) struct SpanRange {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl SpanRange {
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let mut spans = Vec::new();
        flatten(tokens.to_token_stream(), &mut spans);
        let whole = tokens.span();
        Self { first: spans.first().copied().unwrap_or(whole), last: spans.last().copied().unwrap_or(whole) }
    }

    /// For tokens that stand nowhere in what the author wrote.
    pub(crate) fn call_site() -> Self {
        Self { first: Span::call_site(), last: Span::call_site() }
    }

    /// The same places for tokens of ours: see [`at`].
    pub(crate) fn ours(self) -> (Span, Span) {
        (at(self.first), at(self.last))
    }
}

fn flatten(tokens: TokenStream, into: &mut Vec<Span>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flatten(group.stream(), into),
            TokenTree::Group(group) => into.extend([group.span_open(), group.span_close()]),
            other => into.push(other.span()),
        }
    }
}

/// An author's place for a token of ours. It resolves as ours does: if one token of an expression resolved differently
/// from another, the compiler would point only at the first.
pub(crate) fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The tokens, all at one place. Names keep what they resolve to.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}
