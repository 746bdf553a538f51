//! What was written, judged: from attribute and struct to a sound [`Credential`], or to errors.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Fields, ItemStruct, Type};

use super::attr::{self, Attr};
use crate::errors::Errors;
use crate::grammar::slugged;
use crate::paths::Facade;

/// A credential that can be expanded.
pub(crate) struct Credential {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) scope: Option<&'static str>,
    pub(crate) name: Option<String>,
    pub(crate) oauth_scopes: Vec<String>,
    pub(crate) validate: Option<syn::Path>,
    pub(crate) fields: Vec<Field>,
    pub(crate) facade: Facade,
}

/// The three kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
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

    const fn word(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Oauth => "oauth",
            Self::Keystroke => "keystroke",
        }
    }
}

/// One field of an `api_key` credential, or one of the fixed ones.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// Its name in the store.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) plain: bool,
    pub(crate) default: Option<String>,
}

/// Judges a credential. `None` where nothing can be made of it.
pub(crate) fn validate(attr: Attr, item: &ItemStruct, errors: &mut Errors) -> Option<Credential> {
    let name = &item.ident;
    let mut shape = true;
    if !item.generics.params.is_empty() {
        errors.at(&item.generics.params, format!("credential `{name}` must not be generic"));
        shape = false;
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.at(clause, format!("credential `{name}` must not have a where clause; remove it"));
        shape = false;
    }
    if !matches!(item.fields, Fields::Named(_)) {
        errors
            .at(name, format!("credential `{name}` needs named fields, such as `pub api_key: SecretString`"));
        return None;
    }
    derives(item, errors);
    let kind = match attr.kind {
        Some("oauth") => Kind::Oauth,
        Some("keystroke") => Kind::Keystroke,
        _ => Kind::ApiKey,
    };
    if let Some((key, _)) = attr.oauth_scopes.as_ref().filter(|_| kind != Kind::Oauth) {
        errors.at(key, "`oauth_scopes` has no effect without `kind = oauth`");
    }
    let fields = fields(item, kind, errors);
    if fields.is_empty() && errors.is_empty() && kind == Kind::ApiKey {
        errors.at(
            name,
            format!("credential `{name}` has no fields; add one, such as `pub api_key: SecretString`"),
        );
    }
    let from_name = slugged(&snake(&name.to_string()));
    let key = attr.key.map(|key| key.text);
    if attr.lacks_key {
        errors.at_span(Span::call_site(), format!("missing `key`; for example `key = \"{from_name}\"`"));
    }
    shape.then(|| Credential {
        key: key.unwrap_or(from_name),
        kind,
        scope: attr.scope.map(|(scope, _)| scope),
        name: attr.name.map(|name| name.text),
        oauth_scopes: attr.oauth_scopes.into_iter().flat_map(|(_, all)| all).map(|text| text.text).collect(),
        validate: attr.validate,
        fields,
        facade: attr.facade,
    })
}

/// Derives that would let a secret out, where they stand below the attribute and can be seen.
fn derives(item: &ItemStruct, errors: &mut Errors) {
    const REFUSED: &[&str] = &[
        "Serialize",
        "Deserialize",
        "Display",
        "PartialEq",
        "Eq",
        "Hash",
        "Clone",
        "Copy",
        "PartialOrd",
        "Ord",
        "JsonSchema",
    ];
    let name = &item.ident;
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let _ = attribute.parse_nested_meta(|meta| {
            let Some(last) = meta.path.segments.last() else { return Ok(()) };
            if last.ident == "Debug" {
                errors.at(&meta.path, "`Debug` is generated and hides secrets; remove the derive");
            } else if REFUSED.iter().any(|refused| last.ident == refused) {
                let derive = &last.ident;
                errors.at(
                    &meta.path,
                    format!("credential `{name}` must not implement `{derive}`: a secret could leave"),
                );
            }
            Ok(())
        });
    }
}

fn fields(item: &ItemStruct, kind: Kind, errors: &mut Errors) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    for field in &item.fields {
        let Some(ident) = &field.ident else { continue };
        let written = attr::field(&field.attrs, errors);
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
            errors.at(attribute, "a field of a credential cannot be conditional; put `#[cfg]` on the struct");
        }
        let plain_name = ident.to_string().replace("r#", "");
        if kind != Kind::ApiKey && !kind.fixed().contains(&plain_name.as_str()) {
            let list = kind.fixed().join(", ");
            let word = kind.word();
            let article = if kind == Kind::Oauth { "an" } else { "a" };
            errors.at(
                ident,
                format!("{article} `{word}` credential's fields are fixed: {list}; remove `{plain_name}`"),
            );
            continue;
        }
        if let (Some((key, _)), None) = (&written.default, &written.plain) {
            errors.at(key, "secrets do not go into attributes; only a `plain` field can have a default");
        }
        let name = match &written.name {
            Some(name) => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if !name.text.chars().all(allowed) || name.text.len() > 64 {
                    errors.at(
                        &name.literal,
                        "`name` may contain a–z, A–Z, 0–9, `-`, `_`, at most 64 characters",
                    );
                }
                name.text.clone()
            }
            None => plain_name,
        };
        if found.iter().any(|earlier| earlier.name == name) {
            let at = written
                .name
                .as_ref()
                .map_or_else(|| ident.to_token_stream(), |n| n.literal.to_token_stream());
            errors.at(at, format!("`{name}` used twice"));
        }
        found.push(Field {
            ident: ident.clone(),
            name,
            ty: field.ty.clone(),
            plain: written.plain.is_some(),
            default: written.default.map(|(_, text)| text),
        });
    }
    found
}

/// `GoogleMaps` → `google_maps`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
