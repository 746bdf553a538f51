//! Stubs for items that are too wrong to expand, so that code which *uses* them adds no error of its own.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, GenericParam, ItemStruct, ReturnType, Type};

use crate::action::{Function, handle_name, peel, plain_value, scope_type, unit_struct};
use crate::mend::owned_type;
use crate::paths::{Facade, private};

/// The action's value, and an `impl Action` with every type that can still be named.
pub(crate) fn action(function: &Function, handle: Option<Ident>, facade: &Facade) -> TokenStream {
    let name = &function.sig.ident;
    let made = || syn::parse_str::<Ident>(&handle_name(name)).ok();
    let Some(handle) = handle.or_else(made) else { return TokenStream::new() };
    let mut at_name = handle.clone();
    at_name.set_span(name.span());
    let item = unit_struct(&at_name, &function.vis);
    let value = plain_value(&handle);
    let (import, private) = (facade.import(), private());
    // No slug that an action can have, and each its own: two stubs in a toolset are no third mistake.
    let slug = format!("{handle}: does not compile");
    let generics: Vec<Ident> = function.sig.generics.params.iter().filter_map(type_name).collect();
    let mut by_value = function.sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(typed) => Some(peel(&typed.ty)).filter(|ty| !matches!(ty, Type::Reference(_))),
        FnArg::Receiver(_) => None,
    });
    let input = by_value.next().map_or_else(|| quote!(()), |ty| owned_type(ty, &generics));
    let output = match &function.sig.output {
        ReturnType::Type(_, ty) => owned_type(ty, &generics),
        ReturnType::Default => quote!(()),
    };
    let settled = quote! {
        <#private::Gate<{ #private::Returned::<#output>::IS_RESULT }> as #private::Or<
            #output,
            ::core::result::Result<(), #private::NoError>,
        >>::T
    };
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

/// The name of a type or constant parameter.
fn type_name(param: &GenericParam) -> Option<Ident> {
    match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(_) => None,
    }
}

/// An `impl Credential` and `Debug` that read and show nothing. `key` keeps two broken credentials apart.
pub(crate) fn credential(item: &ItemStruct, key: &str, scope: Option<&str>, facade: &Facade) -> TokenStream {
    let (import, private) = (facade.import(), private());
    let ident = &item.ident;
    let pin = scope_type(scope);
    let mut generics = item.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(syn::parse_quote!(::core::marker::Send));
        param.bounds.push(syn::parse_quote!(::core::marker::Sync));
        param.bounds.push(syn::parse_quote!('static));
    }
    // What borrows is no credential, whatever its stub says.
    if generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let (parameters, arguments, clause) = generics.split_for_impl();
    let ident_at = quote_spanned!(ident.span()=> #ident);
    quote! {
        #[allow(unused_qualifications, reason = "generated")]
        const _: () = {
            #import

            impl #parameters #private::Credential for #ident_at #arguments #clause {
                const KEY: &'static ::core::primitive::str = #key;
                type Pin = #private::scope::#pin;
                const FIELDS: &'static [#private::FieldSpec] = &[];

                fn read(_: &mut #private::FieldReader<'_>) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }

                fn secrets(
                    &self,
                    _: &mut dyn ::core::ops::FnMut(&'static ::core::primitive::str, &::core::primitive::str),
                ) {
                }
            }

            impl #parameters ::core::fmt::Debug for #ident_at #arguments #clause {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str("a credential that does not compile")
                }
            }
        };
    }
}
