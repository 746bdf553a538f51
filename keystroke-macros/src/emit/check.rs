//! One fact about an author's type, asked in a constant of its own whose tokens all stand at that type.
//!
//! A phase lists its checks as data. Only this file says how they are spelled and where each token stands.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::paths::private_at;
use crate::spans::SpanRange;

/// A fact, and the function of the private module that asserts it.
pub(crate) enum Check {
    /// `const _: () = must_be_x(arguments);`, which panics with a sentence of ours.
    Fact { at: SpanRange, function: &'static str, arguments: TokenStream },
    /// `const _: () = must_be_x::<T>();`, a bound: `T` is `asked` where `gate` holds, else what is `fine`.
    Bound { at: SpanRange, function: &'static str, gate: TokenStream, asked: TokenStream, fine: TokenStream },
}

impl ToTokens for Check {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Fact { at, function, arguments } => {
                let call = call(*at, function, arguments.clone());
                let (first, _) = at.ours();
                quote_spanned!(first=> const _: () = #call;)
            }
            Self::Bound { at, function, gate, asked, fine } => {
                let private = private_at(at.first);
                let (first, last) = at.ours();
                let function = Ident::new(function, first);
                let end = quote_spanned!(last=> >::T);
                let asked =
                    quote_spanned!(first=> <#private::Gate<{ #gate }> as #private::Or<#asked, #fine> #end);
                let mut parens = Group::new(Delimiter::Parenthesis, TokenStream::new());
                parens.set_span(last);
                let close = quote_spanned!(last=> >);
                quote_spanned!(first=> const _: () = #private::#function::<#asked #close #parens;)
            }
        });
    }
}

/// The call of a check. Its first tokens stand at the first of the author's tokens and its parentheses at the last, so that
/// the caret covers these and nothing else.
pub(crate) fn call(at: SpanRange, function: &str, arguments: TokenStream) -> TokenStream {
    let private = private_at(at.first);
    let (first, last) = at.ours();
    let function = Ident::new(function, first);
    let mut parens = Group::new(Delimiter::Parenthesis, arguments);
    parens.set_span(last);
    quote_spanned!(first=> #private::#function #parens)
}
