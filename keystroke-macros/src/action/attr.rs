//! `#[action(…)]` as written: which keys, with which values. Nothing is judged against the function yet.

use proc_macro2::{Ident, Span, TokenStream};

use crate::errors::Errors;
use crate::grammar::{self, Entry, Keys, Text, slugged};
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
    flags: &["read_only", "destructive", "idempotent", "validate"],
    elsewhere: &[
        ("key", "`key` belongs on `#[credential]`; actions have `slug`"),
        ("kind", "`kind` belongs on `#[credential]`"),
        ("oauth_scopes", "`oauth_scopes` belongs on `#[credential]`"),
        ("credentials", "credentials are arguments here; add `exa: &Exa` to the function"),
        ("credential", "credentials are arguments here; add `exa: &Exa` to the function"),
        ("input", "the input is an argument here; add `input: SearchInput` to the function"),
        ("output", "the output is what the function returns: `Result<T, E>`"),
        ("plain", "`plain` belongs on a field of a `#[credential]`"),
    ],
    secrets: "declare a `#[credential]`",
};

/// The attribute's values that are sound in themselves.
#[derive(Default)]
pub(crate) struct Attr {
    pub(crate) slug: Option<Text>,
    /// No `slug` was written, and nothing that may have been meant as one: that alone is a mistake of its own.
    pub(crate) lacks_slug: bool,
    pub(crate) name: Option<Text>,
    /// A description was written, sound or not.
    pub(crate) describes: bool,
    pub(crate) description: Option<Text>,
    pub(crate) scope: Option<(&'static str, Span)>,
    /// The flags, in the order in which they were written.
    pub(crate) flags: Vec<Ident>,
    pub(crate) handle: Option<Ident>,
    pub(crate) facade: Facade,
}

impl Attr {
    /// Where a flag stands, if it does.
    pub(crate) fn flag(&self, name: &str) -> Option<&Ident> {
        self.flags.iter().find(|flag| *flag == name)
    }
}

/// A slug made of the function's name.
pub(crate) fn slug_of(function: &Ident) -> String {
    slugged(&function.to_string().replace("r#", ""))
}

/// Reads the attribute of a function.
pub(crate) fn parse(tokens: TokenStream, function: &Ident, errors: &mut Errors) -> Attr {
    let entries = grammar::entries(tokens, &KEYS, errors);
    let mut attr = Attr { lacks_slug: errors.is_empty(), ..Attr::default() };
    for entry in entries {
        let key = &entry.key;
        match key.to_string().as_str() {
            "slug" => {
                attr.lacks_slug = false;
                attr.slug = grammar::text(&entry, &slug_of(function), errors)
                    .filter(|text| grammar::slug(key, text, errors));
            }
            "name" => attr.name = grammar::text(&entry, &grammar::title(&slug_of(function)), errors),
            "description" => {
                attr.describes = true;
                attr.description = grammar::text(&entry, "…", errors);
            }
            "scope" => attr.scope = scope(&entry, errors),
            "handle" => attr.handle = handle(&entry, errors),
            "crate" => attr.facade = grammar::facade(&entry, errors).unwrap_or_default(),
            _ => attr.flags.extend(grammar::flag(&entry, errors).then(|| key.clone())),
        }
    }
    attr
}

/// `scope = organization | project | user`.
pub(crate) fn scope(entry: &Entry, errors: &mut Errors) -> Option<(&'static str, Span)> {
    const SCOPES: &[&str] = &["organization", "project", "user"];
    grammar::word(entry, "scope", SCOPES, errors)
}

/// The value's name. One in the wrong style is an error, and used all the same: the author's code uses it too.
fn handle(entry: &Entry, errors: &mut Errors) -> Option<Ident> {
    let path = match grammar::path(entry, "ExaSearch", errors) {
        Some(path) => path,
        None => syn::parse_str(&grammar::text(entry, "", &mut Errors::default())?.text).ok()?,
    };
    let Some(ident) = path.get_ident() else {
        errors.at(&path, "`handle` must be a name, such as `ExaSearch`");
        return None;
    };
    let name = ident.to_string();
    if !name.trim_start_matches("r#").starts_with(char::is_uppercase) {
        let upper = super::handle_name(ident);
        errors.at(ident, format!("`handle` names a type; write `{upper}`"));
    }
    Some(ident.clone())
}
