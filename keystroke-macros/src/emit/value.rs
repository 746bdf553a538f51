//! The value that stands for a function: a unit struct, and what generic code asks of one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use crate::spans::respan;

/// `pub struct Search;`. Only the name stands in the author's function: the compiler puts what it suggests to add, such as
/// `#[derive(PartialEq)]`, where an item begins.
pub(crate) fn unit_struct(handle: &Ident, vis: &syn::Visibility) -> TokenStream {
    let vis = respan(vis.to_token_stream(), Span::call_site());
    quote!(#vis struct #handle;)
}

/// What generic code asks of a value. Not by derives: they would take over the struct's `allow(dead_code)`, and the
/// compiler would no longer warn of an unused action.
pub(crate) fn plain_value(handle: &Ident) -> TokenStream {
    let name = handle.to_string().replace("r#", "");
    quote! {
        impl ::core::clone::Clone for #handle {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }
        impl ::core::marker::Copy for #handle {}
        impl ::core::default::Default for #handle {
            #[inline]
            fn default() -> Self {
                Self
            }
        }
        impl ::core::fmt::Debug for #handle {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#name)
            }
        }
    }
}
