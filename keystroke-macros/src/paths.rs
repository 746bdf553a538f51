//! The one place that spells paths into the facade in generated code.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// The facade, as this author's crate names it.
#[derive(Clone)]
pub(crate) struct Facade(TokenStream);

impl Default for Facade {
    fn default() -> Self {
        Self(quote!(::keystroke))
    }
}

impl Facade {
    /// From `crate = ::path`.
    pub(crate) const fn new(path: TokenStream) -> Self {
        Self(path)
    }

    /// A public item.
    pub(crate) fn item(&self, name: &TokenStream) -> TokenStream {
        let path = &self.0;
        quote!(#path::#name)
    }

    /// What generated code is made of.
    pub(crate) fn private(&self) -> TokenStream {
        let path = &self.0;
        quote!(#path::__private)
    }

    /// The same with every token at `span`, so that an error falls there and not on the attribute.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        let path = respan(self.0.clone(), span);
        quote_spanned!(span=> #path::__private)
    }
}

/// The tokens, all at one place. Names keep what they resolve to: `$crate` means nothing at the author's span.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}
