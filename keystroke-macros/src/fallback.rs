//! Stubs for items that are too wrong to expand, so that code which *uses* them adds no error of its own.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, ReturnType, Type};

use crate::action::{Function, handle_name, peel};
use crate::paths::Facade;

/// The action's value, and an `impl Action` with every type that can still be named.
pub(crate) fn action(function: &Function, facade: &Facade) -> TokenStream {
    let handle = handle_name(&function.sig.ident);
    if handle.is_empty() || !function.sig.generics.params.is_empty() {
        return TokenStream::new();
    }
    let handle = format_ident!("{handle}", span = function.sig.ident.span());
    let vis = &function.vis;
    let private = facade.private();
    let trait_path = facade.item(&quote!(Action));
    let unpinned = facade.item(&quote!(scope::Unpinned));
    let no_user = facade.item(&quote!(scope::NoUser));
    let inputs = function.sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(typed) => Some(peel(&typed.ty)),
        FnArg::Receiver(_) => None,
    });
    let input = inputs
        .filter(|ty| matches!(ty, Type::Path(_)))
        .find(|_| true)
        .map_or_else(|| quote!(()), |ty| quote!(#ty));
    let output = match &function.sig.output {
        ReturnType::Type(_, ty) if matches!(peel(ty), Type::Path(_)) => quote!(#ty),
        _ => quote!(::core::result::Result<(), #private::NoError>),
    };
    quote! {
        #[allow(dead_code, reason = "stands for an action that does not compile")]
        #vis struct #handle;

        const _: () = {
            #[allow(unused_imports, reason = "generated")]
            use #private::ReturnedRest as _;

            impl #trait_path for #handle {
                type Input = #input;
                type Output = <<#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<
                    #output,
                    ::core::result::Result<(), #private::NoError>,
                >>::T as #private::Settled>::Output;
                type Error = <<#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<
                    #output,
                    ::core::result::Result<(), #private::NoError>,
                >>::T as #private::Settled>::Error;
                type Pin = #unpinned;
                type CredentialPins = #unpinned;
                type Need = #no_user;
                const SLUG: &'static ::core::primitive::str = "";
                const DESCRIPTION: &'static ::core::primitive::str = "";
                const REQUIREMENTS: &'static [#private::Requirement] = &[];
                const CODEC: #private::Codec<Self::Input, Self::Output, Self::Error> = #private::Codec::none();

                async fn execute(
                    &self,
                    _: Self::Input,
                    _: &#private::Lent,
                ) -> ::core::result::Result<Self::Output, Self::Error> {
                    ::core::future::pending().await
                }
            }
        };
    }
}
