//! From a sound [`Credential`] to its `impl Credential`, a `Debug` that hides secrets, and the checks beside them.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, ItemStruct};

use super::fields::{Field, Kind, Role};
use super::type_checks::checks;
use super::validate::Credential;
use crate::emit::private;
use crate::spans::at;

/// The struct without `#[field]`, which only we understand.
pub(super) fn item(item: &ItemStruct) -> TokenStream {
    let mut item = item.clone();
    item.fields.iter_mut().for_each(|field| field.attrs.retain(|attr| !attr.path().is_ident("field")));
    item.into_token_stream()
}

/// The whole expansion beside the author's struct.
pub(super) fn expand(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let (import, private) = (credential.facade.import(), private());
    let implementation = implementation(credential, item);
    let debug = debug(credential, item);
    let checks = checks(credential, item);
    let cfgs: Vec<&Attribute> = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote! {
        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, reason = "generated")]
        const _: () = {
            #import
            #[allow(unused_imports, reason = "generated")]
            use #private::{FieldRest as _, LeakRest as _};

            #implementation
            #debug
            #(#checks)*
        };
    }
}

fn implementation(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let Credential { key, oauth_scopes, fields, .. } = credential;
    let ident = &item.ident;
    let private = private();
    let kind = match credential.kind {
        Kind::ApiKey => quote!(ApiKey),
        Kind::Oauth => quote!(OauthManaged),
        Kind::Keystroke => quote!(Keystroke),
    };
    let pin = credential.pin;
    let description = (!credential.description.is_empty()).then(|| {
        let text = &credential.description;
        quote!(const DESCRIPTION: &'static ::core::primitive::str = #text;)
    });
    let name =
        credential.name.as_ref().map(|name| quote!(const NAME: &'static ::core::primitive::str = #name;));
    let specs = fields.iter().filter_map(spec);
    let reads = fields.iter().map(read);
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let secrets = fields
        .iter()
        .filter(|field| field.role.is_secret())
        .map(|Field { ident, name, probe, .. }| quote!(#probe::show(&self.#ident, #name, each);));
    let made = quote!(Self { #(#idents: #idents?),* });
    let made = match &credential.validate {
        Some(path) => {
            // Built first: what it is built from asks the reader too.
            quote!({ let made = #made; #private::validated(from, made, #path) })
        }
        None => quote!(::core::option::Option::Some(#made)),
    };
    quote! {
        impl #private::Credential for #ident {
            const KEY: &'static ::core::primitive::str = #key;
            const KIND: #private::CredentialKind = #private::CredentialKind::#kind;
            #name
            #description
            type Pin = #private::scope::#pin;
            const FIELDS: &'static [#private::FieldSpec] = &[#(#specs),*];
            const OAUTH_SCOPES: &'static [&'static ::core::primitive::str] = &[#(#oauth_scopes),*];

            fn read(from: &mut #private::FieldReader<'_>) -> ::core::option::Option<Self> {
                // All fields are read before a missing one ends this, so that the error names each.
                #(#reads)*
                #made
            }

            fn secrets(
                &self,
                each: &mut dyn ::core::ops::FnMut(&'static ::core::primitive::str, &::core::primitive::str),
            ) {
                #(#secrets)*
                let _ = each;
            }
        }
    }
}

/// What the field is to a store; `None` for what comes with the instance itself.
fn spec(field: &Field) -> Option<TokenStream> {
    let Field { name, probe, default, docs, role, .. } = field;
    let private = private();
    let secret = role.is_secret();
    if !secret && *role != Role::Plain {
        return None;
    }
    let (required, default) = match default {
        Some(default) => (quote!(false), quote!(::core::option::Option::Some(#default))),
        None => (quote!(#private::required(#probe::OPTIONAL)), quote!(::core::option::Option::None)),
    };
    let spec = quote!(
        name: #name, secret: #secret, required: #required, ty: #probe::TYPE, default: #default, docs: #docs
    );
    Some(quote!(#private::FieldSpec { #spec }))
}

fn read(Field { ident, name, probe, default, role, .. }: &Field) -> TokenStream {
    let private = private();
    match (role, default) {
        (Role::Account, _) => quote!(let #ident = #probe::account(from);),
        (Role::ExpiresAt, _) => quote!(let #ident = #probe::expires_at(from);),
        (Role::GrantedScopes, _) => quote!(let #ident = #probe::granted_scopes(from);),
        (Role::Connection, _) => quote!(let #ident = #probe::connection(from);),
        (_, Some(default)) => quote!(let #ident = #probe::or_default(from, #name, #default);),
        (_, None) => {
            quote!(let #ident = #private::read_field(#probe::OPTIONAL, #probe::REQUIRED, from, #name);)
        }
    }
}

fn debug(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let ident = &item.ident;
    let name = ident.to_string();
    let fields = credential.fields.iter().map(|Field { ident, label, probe, role, .. }| {
        if role.is_secret() {
            quote!(.field(#label, &::core::format_args!("[redacted]")))
        } else {
            quote!(.field(#label, #probe::debug(&self.#ident)))
        }
    });
    // At the struct's name: where there is another `Debug`, the compiler points there.
    let span = at(ident.span());
    let mut ident = ident.clone();
    ident.set_span(span);
    let header = quote_spanned!(span=> impl ::core::fmt::Debug for #ident);
    let body = quote! {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct(#name) #(#fields)* .finish()
        }
    };
    let mut braces = Group::new(Delimiter::Brace, body);
    braces.set_span(span);
    quote!(#header #braces)
}
