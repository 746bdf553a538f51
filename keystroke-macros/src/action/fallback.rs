//! A stub for an action that is too wrong to expand: an `impl Action` with every type that can still be named.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::emit::{Facade, plain_value, private};
use crate::function::{Function, Stub};

pub(super) fn fallback(function: &Function, handle: Option<Ident>, facade: &Facade) -> TokenStream {
    let Some(Stub { handle, item, slug, input, settled }) = Stub::of(function, handle) else {
        return TokenStream::new();
    };
    let value = plain_value(&handle);
    let (import, private) = (facade.import(), private());
    quote! {
        #[allow(dead_code, missing_docs, non_camel_case_types, reason = "stands for an action that does not compile")]
        #item

        #[allow(unused_qualifications, reason = "generated")]
        const _: () = {
            #import
            #[allow(unused_imports, reason = "generated")]
            use #private::ReturnedRest as _;

            #value
            impl #private::Action for #handle {
                type Input = #input;
                type Output = <#settled as #private::Settled>::Output;
                type Error = <#settled as #private::Settled>::Error;
                type Pin = #private::scope::Unpinned;
                type CredentialPins = #private::scope::Unpinned;
                type Need = #private::scope::NoUser;
                const SLUG: &'static ::core::primitive::str = #slug;
                const DESCRIPTION: &'static ::core::primitive::str = "";
                const REQUIREMENTS: &'static [#private::Requirement] = &[];
                const CODEC: #private::Codec<Self::Input, Self::Output, Self::Error> = #private::Codec::none();

                fn execute(
                    &self,
                    _: Self::Input,
                    _: &#private::Invocation,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<Self::Output, Self::Error>
                > + ::core::marker::Send {
                    ::core::future::pending()
                }
            }
        };
    }
}
