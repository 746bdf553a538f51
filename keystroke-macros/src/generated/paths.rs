//! The one place that spells paths into the facade in generated code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::spans::at;

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

    /// Names the facade's private module in a block of generated code. Everything else there goes through
    /// this one name: a path that leads nowhere is one error, and a check's tokens can all stand at the author's type.
    pub(crate) fn import(&self) -> TokenStream {
        let (path, private) = (&self.0, private());
        quote!(use #path::__private as #private;)
    }

    /// What stands for `SecretString` beside a derive that is refused.
    pub(crate) fn refused(&self) -> TokenStream {
        let path = &self.0;
        quote!(#path::__private::Refused)
    }
}

/// What generated code calls the facade's private module.
pub(crate) fn private() -> TokenStream {
    private_at(Span::call_site())
}

/// The same, spanned at an author's token.
pub(crate) fn private_at(span: Span) -> TokenStream {
    proc_macro2::Ident::new("__keystroke", at(span)).into_token_stream()
}
