//! Validates what was written: from attribute and struct to a sound [`Credential`], or to all of its errors.

use syn::{Fields, ItemStruct};

use super::attr::Attr;
use super::derives::{derives, is_ours};
use super::fields::{Field, Kind, described, fields};
use crate::diagnostics::Errors;
use crate::emit::Facade;
use crate::grammar::{self, Pin};
use crate::location::Site;
use crate::syntax::{slugged, snake};

/// A credential that can be expanded.
pub(super) struct Credential {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) pin: Pin,
    pub(super) name: Option<String>,
    pub(super) description: String,
    pub(super) oauth_scopes: Vec<String>,
    pub(super) validate: Option<syn::Path>,
    pub(super) fields: Vec<Field>,
    pub(super) facade: Facade,
}

/// Judges a credential. `None` where anything is wrong: its stub stands for it then.
pub(super) fn validate(
    attr: Attr,
    item: &ItemStruct,
    site: &Site,
    errors: &mut Errors,
) -> Option<Credential> {
    let name = &item.ident;
    let from_name = key_of(item);
    let key = attr.key.map(|key| key.text);
    grammar::form("credential", "key", key.as_deref().unwrap_or(&from_name), attr.lacks_key, site, errors);
    let kind = match attr.kind {
        Some("oauth") => Kind::Oauth,
        Some("keystroke") => Kind::Keystroke,
        _ => Kind::ApiKey,
    };
    if !item.generics.params.is_empty() {
        errors.at(&item.generics, format!("credential `{name}` must not be generic"));
    } else if let Some(clause) = &item.generics.where_clause {
        errors.at(clause, format!("credential `{name}` must not have a where clause; remove it"));
    }
    for attribute in item.attrs.iter().filter(|attribute| is_ours(attribute)) {
        errors.at(attribute, "`#[credential]` is specified more than once");
    }
    derives(item, site, errors);
    if let Some((key, _)) = attr.oauth_scopes.as_ref().filter(|_| kind != Kind::Oauth && attr.kind_is_sound) {
        errors.at(key, "`oauth_scopes` has no effect without `kind = oauth`");
    }
    let fields = match &item.fields {
        Fields::Named(named) if attr.kind_is_sound => {
            fields(named, kind, !item.generics.params.is_empty(), errors)
        }
        // Its kind says which fields there may be.
        Fields::Named(_) => Vec::new(),
        _ => {
            let message =
                format!("credential `{name}` needs named fields, such as `pub api_key: SecretString`");
            errors.at(name, message);
            Vec::new()
        }
    };
    if errors.is_empty() && fields.is_empty() {
        match kind {
            Kind::ApiKey => errors.at(
                name,
                format!("credential `{name}` has no fields; add one, such as `pub api_key: SecretString`"),
            ),
            Kind::Keystroke => errors.at(
                name,
                format!(
                    "credential `{name}` has no fields; add the one of its kind: `pub connection: Connection`"
                ),
            ),
            Kind::Oauth => {}
        }
    }
    let description = described(&item.attrs, errors);
    errors.is_empty().then(|| Credential {
        key: key.unwrap_or(from_name),
        kind,
        pin: attr.pin,
        name: attr.name.map(|name| name.text),
        description,
        oauth_scopes: attr.oauth_scopes.into_iter().flat_map(|(_, all)| all).map(|text| text.text).collect(),
        validate: attr.validate,
        fields,
        facade: attr.facade,
    })
}

/// A key made of the struct's name.
pub(super) fn key_of(item: &ItemStruct) -> String {
    slugged(&snake(&item.ident.to_string()))
}
