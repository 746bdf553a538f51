//! The compile-time checks of a credential's types, each emitted once, at the type that is at fault. Their messages are in
//! `keystroke-core/src/private/compile_errors.rs`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemStruct;

use super::fields::{Field, Role};
use super::validate::Credential;
use crate::emit::{Check, private};
use crate::spans::SpanRange;

/// All checks of a credential.
pub(super) fn checks(credential: &Credential, item: &ItemStruct) -> Vec<Check> {
    credential.fields.iter().flat_map(field_checks).chain([leaks(item)]).collect()
}

/// Whether a field is what its mark, or its kind, says.
fn field_checks(field: &Field) -> Vec<Check> {
    let Field { label, text, at, probe, default, .. } = field;
    let private = private();
    let fact = |function, arguments| Check::Fact { at: *at, function, arguments };
    let fixed = |fits: TokenStream, kind: &str, expected: &str| {
        vec![fact("must_be_fixed", quote!(#probe::#fits, #kind, #label, #text, #expected))]
    };
    match field.role {
        Role::Secret => vec![fact("must_be_secret", quote!(#probe::IS_SECRET, #label, #text))],
        Role::Plain => {
            let optional = match default {
                Some(_) => quote!(!#private::required(#probe::OPTIONAL)),
                None => quote!(false),
            };
            vec![
                fact("must_be_plain", quote!(#probe::IS_SECRET, #optional, #label)),
                // An optional field is what its inner type is, which the probe has already seen.
                Check::Bound {
                    at: *at,
                    function: "must_be_field",
                    gate: quote!(#private::required(#probe::OPTIONAL)),
                    asked: field.ty.to_token_stream(),
                    fine: quote!(::core::primitive::bool),
                },
            ]
        }
        Role::AccessToken => fixed(quote!(IS_SECRET), "oauth", "SecretString"),
        Role::Account => fixed(quote!(IS_ACCOUNT), "oauth", "Option<String>"),
        Role::ExpiresAt => fixed(quote!(IS_EXPIRY), "oauth", "Option<SystemTime>"),
        Role::GrantedScopes => fixed(quote!(IS_GRANTED), "oauth", "Vec<String>"),
        Role::Connection => fixed(quote!(IS_CONNECTION), "keystroke", "Connection"),
    }
}

/// Traits by which a secret could leave, derived above the attribute or written by hand.
fn leaks(item: &ItemStruct) -> Check {
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
    let arguments = quote!(#name, #traits);
    Check::Fact { at: SpanRange::of(ident), function: "must_not_leak", arguments }
}
