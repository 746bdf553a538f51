//! `#[action(…)]` as written: which keys, with which values. Nothing is judged against the function yet.

use proc_macro2::{Ident, Span, TokenStream};

use crate::errors::Errors;
use crate::grammar::{self, Keys, Text};
use crate::paths::Facade;

const KEYS: Keys = Keys {
    attribute: "#[action]",
    known: &[
        "slug",
        "name",
        "description",
        "scope",
        "read_only",
        "destructive",
        "idempotent",
        "validate",
        "handle",
        "crate",
    ],
    elsewhere: &[
        ("key", "`key` belongs on `#[credential]`; actions have `slug`"),
        ("kind", "`kind` belongs on `#[credential]`"),
        ("oauth_scopes", "`oauth_scopes` belongs on `#[credential]`"),
        ("credentials", "credentials are arguments here; add `exa: &Exa` to the function"),
        ("credential", "credentials are arguments here; add `exa: &Exa` to the function"),
        ("token", "secrets do not go into attributes; declare a `#[credential]`"),
        ("secret", "secrets do not go into attributes; declare a `#[credential]`"),
        ("password", "secrets do not go into attributes; declare a `#[credential]`"),
        ("api_key", "secrets do not go into attributes; declare a `#[credential]`"),
    ],
};

/// The attribute's values that are sound in themselves.
#[derive(Default)]
pub(crate) struct Attr {
    pub(crate) slug: Option<Text>,
    /// No `slug` was written, and nothing that may have been meant as one: that alone is a mistake of its own.
    pub(crate) lacks_slug: bool,
    pub(crate) name: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) scope: Option<(&'static str, Span)>,
    pub(crate) read_only: Option<Ident>,
    pub(crate) destructive: Option<Ident>,
    pub(crate) idempotent: Option<Ident>,
    pub(crate) validate: Option<Ident>,
    pub(crate) handle: Option<Ident>,
    pub(crate) facade: Facade,
}

/// Reads the attribute.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Attr {
    let entries = grammar::entries(tokens, &KEYS, errors);
    let mut attr = Attr { lacks_slug: errors.is_empty(), ..Attr::default() };
    for entry in entries {
        let key = &entry.key;
        let flag = |errors: &mut Errors| grammar::flag(&entry, errors).then(|| key.clone());
        match key.to_string().as_str() {
            "slug" => {
                attr.lacks_slug = false;
                attr.slug = grammar::text(&entry, errors).filter(|text| grammar::slug(key, text, errors));
            }
            "name" => attr.name = grammar::text(&entry, errors),
            "description" => attr.description = grammar::text(&entry, errors),
            "scope" => attr.scope = scope(&entry, errors),
            "read_only" => attr.read_only = flag(errors),
            "destructive" => attr.destructive = flag(errors),
            "idempotent" => attr.idempotent = flag(errors),
            "validate" => attr.validate = flag(errors),
            "handle" => attr.handle = handle(&entry, errors),
            "crate" => attr.facade = grammar::facade(&entry, errors).unwrap_or_default(),
            _ => {}
        }
    }
    attr
}

/// `scope = organization | project | user`.
pub(crate) fn scope(entry: &grammar::Entry, errors: &mut Errors) -> Option<(&'static str, Span)> {
    const SCOPES: &[&str] = &["organization", "project", "user"];
    grammar::word(entry, "scope", SCOPES, errors)
}

fn handle(entry: &grammar::Entry, errors: &mut Errors) -> Option<Ident> {
    let ident = entry.value.clone().and_then(|value| syn::parse2::<Ident>(value).ok());
    if ident.is_none() {
        errors.at(entry.value_tokens(), "`handle` must be a name, such as `handle = ExaSearch`");
    }
    ident
}
