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
        let (path, versioned, private) = (&self.0, versioned(), private());
        quote!(use #path::#versioned as #private;)
    }

    /// What stands for `SecretString` beside a derive that is refused.
    pub(crate) fn refused(&self) -> TokenStream {
        let (path, versioned) = (&self.0, versioned());
        quote!(#path::#versioned::Refused)
    }
}

/// The facade's name for its private module, `__private_0_1_0`: with the version, so that no author's code can rely on it,
/// and macros of one version never meet the facade of another.
fn versioned() -> TokenStream {
    let version = env!("CARGO_PKG_VERSION").replace(['.', '-', '+'], "_");
    proc_macro2::Ident::new(&format!("__private_{version}"), Span::call_site()).into_token_stream()
}

/// What generated code calls the facade's private module.
pub(crate) fn private() -> TokenStream {
    private_at(Span::call_site())
}

/// The same, spanned at an author's token.
pub(crate) fn private_at(span: Span) -> TokenStream {
    proc_macro2::Ident::new("__keystroke", at(span)).into_token_stream()
}
