//! A credential that is too wrong to expand: a stub of its `impl`s, and the struct without what the compiler would refuse
//! in its own words too.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{ItemStruct, Token};

use super::derives::{is_ours, is_refused, refused_above};
use crate::emit::{Facade, private};
use crate::grammar::Pin;
use crate::location::Site;
use crate::syntax::lifetimes;

/// The struct beside an error: without the derives that are refused and without what would ask for a lifetime, so that
/// the compiler adds no error of its own.
pub(super) fn mended(item: &ItemStruct, site: &Site, facade: &Facade) -> TokenStream {
    let mut item = item.clone();
    // What `Deserialize` derived names the fields' types itself.
    let above = refused_above(site);
    let derived = !above.is_empty() && !above.contains(&"Deserialize".to_owned());
    item.attrs.retain(|attr| !is_ours(attr));
    for attr in item.attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
        if let Ok(paths) = attr.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated) {
            let kept = paths.iter().filter(|path| !is_refused(path));
            *attr = syn::parse_quote!(#[derive(#(#kept),*)]);
        }
    }
    item.attrs.push(
        syn::parse_quote!(#[allow(dead_code, reason = "stands for a credential that does not compile")]),
    );
    for field in &mut item.fields {
        field.attrs.retain(|attr| !attr.path().is_ident("field") && !is_ours(attr));
        let owned = lifetimes(field.ty.to_token_stream(), &|name| (name == "_").then_some("static"));
        let owned = if derived { without_secrets(owned, &facade.refused()) } else { owned };
        if let Ok(ty) = syn::parse2(owned) {
            field.ty = ty;
        }
    }
    item.into_token_stream()
}

/// A type with a stand-in for `SecretString`, which fits a derive that is refused.
fn without_secrets(ty: TokenStream, stand_in: &TokenStream) -> TokenStream {
    let each = ty.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "SecretString" => stand_in.clone(),
        other => other.into_token_stream(),
    });
    each.collect()
}

/// An `impl Credential` and `Debug` that read and show nothing. `key` keeps two broken credentials apart.
pub(super) fn fallback(item: &ItemStruct, key: &str, pin: Pin, facade: &Facade) -> TokenStream {
    let (import, private) = (facade.import(), private());
    let ident = &item.ident;
    let mut generics = item.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(syn::parse_quote!(::core::marker::Send));
        param.bounds.push(syn::parse_quote!(::core::marker::Sync));
        param.bounds.push(syn::parse_quote!('static));
    }
    // A struct that borrows can't be a credential, not even as a stub.
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
