//! From a sound [`Credential`] to its `impl Credential`, a `Debug` that hides secrets, and the checks beside them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, ItemStruct, Token};

use super::validate::{Credential, Field, Kind, is_ours, is_refused, refused_above};
use crate::action::{call_at, scope_type, shown};
use crate::grammar::ends;
use crate::mend::lifetimes;
use crate::paths::{Facade, at, private, private_at};
use crate::site::Site;

/// The struct without `#[field]`, which is ours alone.
pub(crate) fn item(item: &ItemStruct) -> TokenStream {
    let mut item = item.clone();
    item.fields.iter_mut().for_each(|field| field.attrs.retain(|attr| !attr.path().is_ident("field")));
    item.into_token_stream()
}

/// The same beside an error: without the derives that are refused and without what would ask for a lifetime, so that
/// the compiler adds no error of its own.
pub(crate) fn mended(item: &ItemStruct, site: &Site, facade: &Facade) -> TokenStream {
    let mut item = item.clone();
    // What `Deserialize` made names the fields' types itself.
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

/// A type with what stands for `SecretString` beside a derive that is refused.
fn without_secrets(ty: TokenStream, stand_in: &TokenStream) -> TokenStream {
    let each = ty.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "SecretString" => stand_in.clone(),
        other => other.into_token_stream(),
    });
    each.collect()
}

/// The whole expansion beside the author's struct.
pub(crate) fn expand(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let (import, private) = (credential.facade.import(), private());
    let implementation = implementation(credential, item);
    let debug = debug(credential, item);
    let checks = credential.fields.iter().map(|field| check(credential, field));
    let leaks = leaks(item);
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
            #leaks
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
    let pin = scope_type(credential.scope);
    let description = (!credential.description.is_empty()).then(|| {
        let text = &credential.description;
        quote!(const DESCRIPTION: &'static ::core::primitive::str = #text;)
    });
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
    let Field { name, ty, default, docs, .. } = field;
    let private = private();
    let secret = is_secret(credential, field);
    if credential.kind != Kind::ApiKey && !secret {
        return None;
    }
    let (required, default) = match default {
        Some(default) => (quote!(false), quote!(::core::option::Option::Some(#default))),
        None => (
            quote!(#private::required(#private::FieldProbe::<#ty>::OPTIONAL)),
            quote!(::core::option::Option::None),
        ),
    };
    let ty = quote!(#private::FieldProbe::<#ty>::TYPE);
    let spec =
        quote!(name: #name, secret: #secret, required: #required, ty: #ty, default: #default, docs: #docs);
    Some(quote!(#private::FieldSpec { #spec }))
}

fn read(credential: &Credential, Field { ident, name, ty, default, .. }: &Field) -> TokenStream {
    let private = private();
    let probe = quote!(#private::FieldProbe::<#ty>);
    match (credential.kind, name.as_str()) {
        (Kind::Oauth, "account") => return quote!(let #ident = #probe::account(from);),
        (Kind::Oauth, "expires_at") => return quote!(let #ident = #probe::expires_at(from);),
        (Kind::Oauth, "granted_scopes") => return quote!(let #ident = #probe::granted_scopes(from);),
        (Kind::Keystroke, _) => return quote!(let #ident = #probe::connection(from);),
        _ => {}
    }
    match default {
        Some(default) => quote!(let #ident = #probe::or_default(from, #name, #default);),
        None => {
            quote!(let #ident = #private::read_field(#probe::OPTIONAL, #probe::REQUIRED, from, #name);)
        }
    }
}

fn debug(credential: &Credential, item: &ItemStruct) -> TokenStream {
    let private = private();
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

/// Traits by which a secret could leave, derived above the attribute or written by hand.
fn leaks(item: &ItemStruct) -> TokenStream {
    let private = private();
    let (ident, name) = (&item.ident, item.ident.to_string());
    let probe = quote!(#private::LeakProbe::<#ident>);
    let traits = quote!(&[
        (#probe::SERIALIZE, "Serialize"),
        (#probe::DESERIALIZE, "Deserialize"),
        (#probe::JSON_SCHEMA, "JsonSchema"),
        (#probe::DISPLAY, "Display"),
        (#probe::PARTIAL_EQ, "PartialEq"),
        (#probe::HASH, "Hash"),
        (#probe::CLONE, "Clone"),
        (#probe::COPY, "Copy"),
    ]);
    call_at(ident, "must_not_leak", quote!(#name, #traits))
}

/// Whether a field is what its mark, or its kind, says, at the field's type.
fn check(credential: &Credential, field: &Field) -> TokenStream {
    let Field { ident, name, ty, plain, default, .. } = field;
    let private = private();
    let probe = quote!(#private::FieldProbe::<#ty>);
    let (label, text) = (ident.to_string().replace("r#", ""), shown(ty));
    let fixed = |fits: TokenStream, kind: &str, expected: &str| {
        call_at(ty, "must_be_fixed", quote!(#probe::#fits, #kind, #label, #text, #expected))
    };
    match (credential.kind, name.as_str()) {
        (Kind::ApiKey, _) => {}
        (Kind::Oauth, "account") => return fixed(quote!(IS_ACCOUNT), "oauth", "Option<String>"),
        (Kind::Oauth, "expires_at") => return fixed(quote!(IS_EXPIRY), "oauth", "Option<SystemTime>"),
        (Kind::Oauth, "granted_scopes") => return fixed(quote!(IS_GRANTED), "oauth", "Vec<String>"),
        (Kind::Oauth, _) => return fixed(quote!(IS_SECRET), "oauth", "SecretString"),
        (Kind::Keystroke, _) => return fixed(quote!(IS_CONNECTION), "keystroke", "Connection"),
    }
    if !plain {
        return call_at(ty, "must_be_secret", quote!(#probe::IS_SECRET, #label, #text));
    }
    let optional =
        if default.is_some() { quote!(!#private::required(#probe::OPTIONAL)) } else { quote!(false) };
    let mark = call_at(ty, "must_be_plain", quote!(#probe::IS_SECRET, #optional, #label));
    let (first, last) = ends(ty);
    let private_here = private_at(first);
    let (first, last) = (at(first), at(last));
    // An optional field is what its inner type is, which the probe has seen already.
    let end = quote_spanned!(last=> ::core::primitive::bool>>::T>);
    let mut parens = Group::new(Delimiter::Parenthesis, TokenStream::new());
    parens.set_span(last);
    let asked = quote_spanned! {first=>
        #private_here::must_be_field::< <#private::Gate<{ #private::required(#probe::OPTIONAL) }> as #private::Or<#ty, #end
    };
    quote!(#mark const _: () = #asked #parens;)
}
