//! The fields of a credential, judged by its kind.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use super::attr::{self, FieldAttr};
use crate::diagnostics::Errors;
use crate::emit::private;
use crate::grammar::Text;
use crate::spans::SpanRange;
use crate::syntax::{Description, description, owned, peel, shown};

/// The three kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ApiKey,
    Oauth,
    Keystroke,
}

impl Kind {
    /// The fields of a kind whose fields are fixed.
    const fn fixed(self) -> &'static [&'static str] {
        match self {
            Self::ApiKey => &[],
            Self::Oauth => &["access_token", "account", "expires_at", "granted_scopes"],
            Self::Keystroke => &["connection"],
        }
    }
}

/// A sound field, with all that expansion and checks take of it.
pub(super) struct Field {
    pub(super) ident: Ident,
    /// The ident as messages and `Debug` show it.
    pub(super) label: String,
    /// Its name in the store.
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) ty: Type,
    /// The type as messages show it.
    pub(super) text: String,
    pub(super) at: SpanRange,
    /// What is asked of the type: `FieldProbe::<T>`.
    pub(super) probe: TokenStream,
    pub(super) default: Option<String>,
    /// What its doc comment says.
    pub(super) docs: String,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A field of an `api_key` credential.
    Secret,
    /// One that may be shown.
    Plain,
    /// The one secret of an OAuth connection; below, the rest of it.
    AccessToken,
    Account,
    ExpiresAt,
    GrantedScopes,
    /// The one field of a `keystroke` credential.
    Connection,
}

impl Role {
    fn of(kind: Kind, name: &str, plain: bool) -> Self {
        match (kind, name) {
            (Kind::ApiKey, _) if plain => Self::Plain,
            (Kind::ApiKey, _) => Self::Secret,
            (Kind::Oauth, "account") => Self::Account,
            (Kind::Oauth, "expires_at") => Self::ExpiresAt,
            (Kind::Oauth, "granted_scopes") => Self::GrantedScopes,
            (Kind::Oauth, _) => Self::AccessToken,
            (Kind::Keystroke, _) => Self::Connection,
        }
    }

    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::AccessToken)
    }
}

/// The description in a doc comment, all of which has to be known.
pub(super) fn described(attrs: &[syn::Attribute], errors: &mut Errors) -> String {
    let Description { text, unread } = description(attrs);
    if let Some(unread) = unread {
        errors.at(
            unread,
            "only `///` comments make a description, so this would be missing; write it as one, or put it under a heading",
        );
    }
    text
}

pub(super) fn fields(
    fields: &syn::FieldsNamed,
    kind: Kind,
    generic: bool,
    errors: &mut Errors,
) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let label = ident.to_string().replace("r#", "");
        let written = attr::field(&field.attrs, &label, errors);
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
            errors.at(attribute, "a field of a credential cannot be conditional; put `#[cfg]` on the struct");
        }
        if kind != Kind::ApiKey {
            fixed(kind, ident, &label, &written, errors);
        } else if let (Some((_, value, _)), None) = (&written.default, &written.plain) {
            errors.at(value, "secrets do not go into attributes; only a `plain` field can have a default");
        }
        if !generic {
            borrowed(&field.ty, &label, errors);
        }
        let name = match &written.name {
            Some(name) => {
                well_named(name, errors);
                name.text.clone()
            }
            None => label.clone(),
        };
        if found.iter().any(|earlier| earlier.name == name) {
            let place = written.name.as_ref().map(|name| name.literal.to_token_stream());
            errors.at(place.unwrap_or_else(|| ident.to_token_stream()), format!("`{name}` used twice"));
        }
        let (private, ty) = (private(), &field.ty);
        found.push(Field {
            ident: ident.clone(),
            role: Role::of(kind, &label, written.plain.is_some()),
            label,
            name,
            ty: ty.clone(),
            text: shown(ty),
            at: SpanRange::of(ty),
            probe: quote!(#private::FieldProbe::<#ty>),
            default: written.default.map(|(_, _, text)| text),
            docs: described(&field.attrs, errors),
        });
    }
    found
}

/// What a store keeps of an OAuth connection for itself (SEMANTICS O3).
const KEPT: [&str; 2] = ["refresh_token", "client_secret"];

/// A field of a kind whose fields are fixed: one of them, without keys of its own.
fn fixed(kind: Kind, ident: &Ident, name: &str, written: &FieldAttr, errors: &mut Errors) {
    let (article, word) = if kind == Kind::Oauth { ("an", "oauth") } else { ("a", "keystroke") };
    if kind == Kind::Oauth && KEPT.contains(&name) {
        return errors.at(
            ident,
            format!("an action never gets `{name}`: the store keeps it, and renews the `access_token`; remove `{name}`"),
        );
    }
    if !kind.fixed().contains(&name) {
        let list = kind.fixed().join(", ");
        return errors
            .at(ident, format!("{article} `{word}` credential's fields are fixed: {list}; remove `{name}`"));
    }
    let keys = [&written.plain, &written.name_key, &written.default.as_ref().map(|(key, ..)| key.clone())];
    if let Some(key) = keys.into_iter().flatten().next() {
        errors.at(
            key,
            format!("`{key}` has no effect on {article} `{word}` credential, whose fields are fixed"),
        );
    }
}

/// Refuses a field that borrows, before the compiler asks for its lifetime.
fn borrowed(ty: &Type, name: &str, errors: &mut Errors) {
    let advice = format!(
        "`{name}` borrows, and a credential owns: use `SecretString`, or `String` where it may be shown"
    );
    let _ = owned(peel(ty), (&advice, &advice), errors);
}

fn well_named(name: &Text, errors: &mut Errors) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let length = name.text.chars().count();
    if !name.text.chars().all(allowed) {
        errors.at(&name.literal, "`name` of a field may contain a–z, A–Z, 0–9, `-`, `_`");
    } else if length > 64 {
        errors.at(&name.literal, format!("`name` is {length} characters; at most 64"));
    }
}
