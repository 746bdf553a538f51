//! From a sound [`Credential`] to its `impl Credential`, a `Debug` that hides secrets, and the checks beside them.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, ItemStruct};

use super::validate::{Credential, Field, Kind};
use crate::action::{scope_type, shown};
use crate::grammar::ends;
use crate::paths::respan;

/// The struct without `#[field]`, which is ours alone.
pub(crate) fn item(item: &ItemStruct) -> TokenStream {
    let mut item = item.clone();
    item.fields.iter_mut().for_each(|field| field.attrs.retain(|attr| !attr.path().is_ident("field")));
    item.into_token_stream()
}

/// The whole expansion beside the author's struct.
pub(crate) fn expand(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let private = credential.facade.private();
    let implementation = implementation(credential, item);
    let debug = debug(credential, item);
    let checks: TokenStream = credential.fields.iter().map(|field| check(credential, field)).collect();
    let cfgs: Vec<&Attribute> = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote! {
        #(#cfgs)*
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, reason = "generated")]
        const _: () = {
            #[allow(unused_imports, reason = "generated")]
            use #private::FieldRest as _;

            #implementation
            #debug
            #checks
        };
    }
}

fn implementation(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let Credential { key, oauth_scopes, fields, .. } = credential;
    let ident = &item.ident;
    let private = credential.facade.private();
    let trait_path = credential.facade.item(&quote!(Credential));
    let kind_path = credential.facade.item(&quote!(CredentialKind));
    let kind = match credential.kind {
        Kind::ApiKey => quote!(ApiKey),
        Kind::Oauth => quote!(OauthManaged),
        Kind::Keystroke => quote!(Keystroke),
    };
    let pin = credential.facade.item(&scope_type(credential.scope));
    let name =
        credential.name.as_ref().map(|name| quote!(const NAME: &'static ::core::primitive::str = #name;));
    let specs = fields.iter().filter_map(|field| spec(credential, field));
    let reads = fields.iter().map(|field| read(credential, field));
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let secrets = fields.iter().filter(|field| is_secret(credential, field)).map(
        |Field { ident, name, ty, .. }| quote!(#private::FieldProbe::<#ty>::show(&self.#ident, #name, each);),
    );
    let made = quote!(Self { #(#idents: #idents?),* });
    let made = match &credential.validate {
        Some(path) => {
            let (span, _) = ends(path);
            let checked = quote_spanned!(span=> ::core::option::Option::Some(from.validate(made, #path)?));
            quote!({ let made = #made; #checked })
        }
        None => quote!(::core::option::Option::Some(#made)),
    };
    quote! {
        impl #trait_path for #ident {
            const KEY: &'static ::core::primitive::str = #key;
            const KIND: #kind_path = #kind_path::#kind;
            #name
            type Pin = #pin;
            const FIELDS: &'static [#private::FieldSpec] = &[#(#specs),*];
            const OAUTH_SCOPES: &'static [&'static ::core::primitive::str] = &[#(#oauth_scopes),*];

            fn read(from: &mut #private::FieldReader<'_>) -> ::core::option::Option<Self> {
                // All are read before the first is missed, so that the error names each.
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

/// Fields of an `api_key` credential without the mark, and the one secret that an OAuth connection has.
fn is_secret(credential: &Credential, field: &Field) -> bool {
    match credential.kind {
        Kind::ApiKey => !field.plain,
        Kind::Oauth => field.name == "access_token",
        Kind::Keystroke => false,
    }
}

/// What the field is to a store; `None` for what comes with the instance itself.
fn spec(credential: &Credential, field: &Field) -> Option<TokenStream> {
    let Field { name, ty, default, .. } = field;
    let private = credential.facade.private();
    let secret = is_secret(credential, field);
    if credential.kind != Kind::ApiKey && !secret {
        return None;
    }
    let required = match default {
        Some(_) => quote!(false),
        None => quote!(#private::required(#private::FieldProbe::<#ty>::OPTIONAL)),
    };
    Some(quote!(#private::FieldSpec { name: #name, secret: #secret, required: #required }))
}

fn read(credential: &Credential, Field { ident, name, ty, default, .. }: &Field) -> TokenStream {
    let private = credential.facade.private();
    let some = quote!(::core::option::Option::Some);
    match (credential.kind, name.as_str()) {
        (Kind::Oauth, "account") => return quote!(let #ident = #some(from.account());),
        (Kind::Oauth, "expires_at") => return quote!(let #ident = #some(from.expires_at());),
        (Kind::Oauth, "granted_scopes") => return quote!(let #ident = #some(from.granted_scopes());),
        (Kind::Keystroke, _) => return quote!(let #ident = #some(from.connection());),
        _ => {}
    }
    let probe = quote!(#private::FieldProbe::<#ty>);
    match default {
        Some(default) => quote!(let #ident = #probe::or_default(from, #name, #default);),
        None => {
            quote!(let #ident = #private::read_field(#probe::OPTIONAL, #probe::REQUIRED, from, #name);)
        }
    }
}

fn debug(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let private = credential.facade.private();
    let ident = &item.ident;
    let name = ident.to_string();
    let fields = credential.fields.iter().map(|field| {
        let Field { ident, ty, .. } = field;
        let label = ident.to_string().replace("r#", "");
        if is_secret(credential, field) {
            quote!(.field(#label, &::core::format_args!("[redacted]")))
        } else {
            quote!(.field(#label, #private::FieldProbe::<#ty>::debug(&self.#ident)))
        }
    });
    quote! {
        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name) #(#fields)* .finish()
            }
        }
    }
}

/// Whether a field is what its mark says, at the field's type.
fn check(credential: &Credential, field: &Field) -> TokenStream {
    if credential.kind != Kind::ApiKey {
        return TokenStream::new();
    }
    let Field { ident, ty, plain, .. } = field;
    let private = credential.facade.private();
    let (first, last) = ends(ty);
    let at = credential.facade.private_at(first);
    let colons = quote_spanned!(first=> ::);
    let label = ident.to_string().replace("r#", "");
    let is_secret = quote!(#private::FieldProbe::<#ty>::IS_SECRET);
    let (function, arguments) = if *plain {
        ("must_be_plain", quote!(#is_secret, #label))
    } else {
        let text = shown(ty);
        ("must_be_secret", quote!(#is_secret, #label, #text))
    };
    let function = respan(format_ident!("{function}").into_token_stream(), first);
    let mut parens = Group::new(Delimiter::Parenthesis, arguments);
    parens.set_span(last);
    let mark = quote!(const _: () = #at #colons #function #parens;);
    if !plain {
        return mark;
    }
    let must_be_field = quote_spanned!(first=> must_be_field);
    let open = quote_spanned!(first=> ::<);
    let close = quote_spanned!(last=> >);
    let mut parens = Group::new(Delimiter::Parenthesis, TokenStream::new());
    parens.set_span(last);
    // An optional field is what its inner type is, which the probe has seen already.
    let asked = quote! {
        <#private::Gate<{ #private::required(#private::FieldProbe::<#ty>::OPTIONAL) }> as #private::Or<
            #ty,
            ::core::primitive::bool,
        >>::T
    };
    quote!(#mark const _: () = #at #colons #must_be_field #open #asked #close #parens;)
}
