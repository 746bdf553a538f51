//! `#[action(…)]` as written: which keys, with which values. Nothing is judged against the function yet.

use proc_macro2::{Ident, TokenStream};

use crate::diagnostics::Errors;
use crate::function::CommonAttr;
use crate::grammar::{self, Keys, Pin};

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
pub(super) struct Attr {
    pub(super) common: CommonAttr,
    pub(super) pin: Pin,
    /// The flags, in the order in which they were written.
    pub(super) flags: Vec<Ident>,
}

impl Attr {
    /// Where a flag stands, if it does.
    pub(super) fn flag(&self, name: &str) -> Option<&Ident> {
        self.flags.iter().find(|flag| *flag == name)
    }
}

/// Reads the attribute of a function.
pub(super) fn parse(tokens: TokenStream, function: &Ident, errors: &mut Errors) -> Attr {
    let entries = grammar::entries(tokens, &KEYS, errors);
    let common = CommonAttr { lacks_slug: errors.is_empty(), ..CommonAttr::default() };
    let mut attr = Attr { common, pin: Pin::default(), flags: Vec::new() };
    for entry in entries {
        let Some(entry) = attr.common.read(entry, function, errors) else { continue };
        if entry.key == "scope" {
            attr.pin = grammar::pin(&entry, errors);
        } else if grammar::flag(&entry, errors) {
            attr.flags.push(entry.key);
        }
    }
    attr
}
