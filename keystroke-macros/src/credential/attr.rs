//! `#[credential(…)]` and `#[field(…)]` as written.

use proc_macro2::{Ident, TokenStream};

use crate::diagnostics::Errors;
use crate::emit::Facade;
use crate::grammar::{self, Keys, Pin, Text};
use crate::syntax::title;

const SECRETS: &str = "declare a field, and store its value with `keystroke credentials set`";

const KEYS: Keys = Keys {
    attribute: "#[credential]",
    known: &["key", "kind", "scope", "name", "oauth_scopes", "validate", "crate"],
    flags: &[],
    elsewhere: &[
        ("slug", "`slug` belongs on `#[action]`; credentials have `key`"),
        ("description", "`description` belongs on `#[action]`; write a `///` comment on the struct"),
        ("read_only", "`read_only` belongs on `#[action]`"),
        ("destructive", "`destructive` belongs on `#[action]`"),
        ("idempotent", "`idempotent` belongs on `#[action]`"),
        ("handle", "`handle` belongs on `#[action]`"),
        ("fields", "fields are the struct's own; add `pub api_key: SecretString` to it"),
        ("plain", "`plain` belongs on a field: `#[field(plain)]`"),
        ("default", "`default` belongs on a field that may be shown: `#[field(plain, default = …)]`"),
        ("env", "values are not read from the environment here; store one with `keystroke credentials set`"),
    ],
    secrets: SECRETS,
};

const FIELD_KEYS: Keys = Keys {
    attribute: "#[field]",
    known: &["plain", "name", "default"],
    flags: &["plain"],
    elsewhere: &[
        ("secret", "every field is secret unless it is `plain`; remove `secret`"),
        ("optional", "write the field's type as `Option<…>` in place of `optional`"),
        ("rename", "write `name = \"…\"` in place of `rename`"),
        ("key", "`key` belongs on the struct: `#[credential(key = \"…\")]`; a field has `name`"),
        ("kind", "`kind` belongs on the struct: `#[credential(kind = …)]`"),
        ("scope", "`scope` belongs on the struct: `#[credential(scope = …)]`"),
        ("validate", "`validate` belongs on the struct: `#[credential(validate = …)]`"),
        ("value", "secrets do not go into attributes; store the value with `keystroke credentials set`"),
        ("env", "values are not read from the environment here; store one with `keystroke credentials set`"),
    ],
    secrets: SECRETS,
};

/// The attribute's values that are sound in themselves.
#[derive(Default)]
pub(crate) struct Attr {
    pub(crate) key: Option<Text>,
    /// No `key` was written, and nothing that may have been meant as one.
    pub(crate) lacks_key: bool,
    pub(crate) kind: Option<&'static str>,
    /// No kind was written, or a known one.
    pub(crate) kind_is_sound: bool,
    pub(crate) pin: Pin,
    pub(crate) name: Option<Text>,
    pub(crate) oauth_scopes: Option<(Ident, Vec<Text>)>,
    pub(crate) validate: Option<syn::Path>,
    pub(crate) facade: Facade,
}

/// Reads the attribute. `from_name` is a key made of the struct's name.
pub(crate) fn parse(tokens: TokenStream, from_name: &str, errors: &mut Errors) -> Attr {
    const KINDS: &[&str] = &["api_key", "oauth", "keystroke"];
    let entries = grammar::entries(tokens, &KEYS, errors);
    let mut attr = Attr { lacks_key: errors.is_empty(), kind_is_sound: true, ..Attr::default() };
    for entry in entries {
        let key = &entry.key;
        match key.to_string().as_str() {
            "key" => {
                attr.lacks_key = false;
                attr.key =
                    grammar::text(&entry, from_name, errors).filter(|text| grammar::slug(key, text, errors));
            }
            "kind" => {
                attr.kind = grammar::word(&entry, "kind", KINDS, errors);
                attr.kind_is_sound = attr.kind.is_some();
            }
            "scope" => attr.pin = grammar::pin(&entry, errors),
            "name" => attr.name = grammar::text(&entry, &title(from_name), errors),
            "oauth_scopes" => attr.oauth_scopes = Some((key.clone(), grammar::texts(&entry, errors))),
            "validate" => attr.validate = grammar::path(&entry, "check_exa", errors),
            "crate" => attr.facade = grammar::facade(&entry, errors).unwrap_or_default(),
            _ => {}
        }
    }
    attr
}

/// The values of `#[field(…)]`.
#[derive(Default)]
pub(crate) struct FieldAttr {
    pub(crate) plain: Option<Ident>,
    pub(crate) name: Option<Text>,
    /// The key, the default as written, and as text.
    pub(crate) default: Option<(Ident, TokenStream, String)>,
    /// The key of `name`.
    pub(crate) name_key: Option<Ident>,
}

/// Reads all `#[field(…)]` of the field `ident`.
pub(crate) fn field(attrs: &[syn::Attribute], ident: &str, errors: &mut Errors) -> FieldAttr {
    let mut found = FieldAttr::default();
    let mut earlier = false;
    for attribute in attrs.iter().filter(|attribute| attribute.path().is_ident("field")) {
        let example = "write `#[field(plain)]`, `#[field(name = \"…\")]` or `#[field(plain, default = …)]`";
        let Some(list) = attribute.meta.require_list().ok().filter(|list| !list.tokens.is_empty()) else {
            errors.at(attribute, example);
            continue;
        };
        if std::mem::replace(&mut earlier, true) {
            errors.at(attribute, "`#[field]` is specified more than once; put all keys into one");
            continue;
        }
        for entry in grammar::entries(list.tokens.clone(), &FIELD_KEYS, errors) {
            match entry.key.to_string().as_str() {
                "plain" => found.plain = grammar::flag(&entry, errors).then(|| entry.key.clone()),
                "name" => {
                    found.name = grammar::text(&entry, ident, errors);
                    found.name_key = Some(entry.key);
                }
                _ => {
                    let value = entry.value_tokens();
                    found.default = default(&entry, errors).map(|text| (entry.key, value, text));
                }
            }
        }
    }
    found
}

/// A default: a literal, as the text that a store would hold.
fn default(entry: &grammar::Entry, errors: &mut Errors) -> Option<String> {
    let value = entry.value.clone().unwrap_or_default();
    let negative = value.to_string().starts_with('-');
    match syn::parse2::<syn::Expr>(value) {
        Ok(syn::Expr::Lit(literal)) => literal_text(&literal.lit),
        Ok(syn::Expr::Unary(unary)) if negative => match *unary.expr {
            syn::Expr::Lit(literal) => literal_text(&literal.lit).map(|text| format!("-{text}")),
            _ => None,
        },
        _ => None,
    }
    .or_else(|| {
        errors.at(entry.value_tokens(), "`default` must be a literal: a string, a number or a bool");
        None
    })
}

fn literal_text(literal: &syn::Lit) -> Option<String> {
    match literal {
        syn::Lit::Str(text) => Some(text.value()),
        syn::Lit::Int(number) => Some(number.base10_digits().to_owned()),
        syn::Lit::Float(number) => Some(number.base10_digits().to_owned()),
        syn::Lit::Bool(flag) => Some(flag.value.to_string()),
        syn::Lit::Char(c) => Some(c.value().to_string()),
        _ => None,
    }
}
