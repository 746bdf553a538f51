//! What was written, judged: from attribute and struct to a sound [`Credential`], or to errors.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Fields, ItemStruct, Token, Type};

use super::attr::{self, Attr};
use crate::action::{Description, description, form, owned, peel};
use crate::errors::Errors;
use crate::grammar::{Text, slugged};
use crate::paths::Facade;
use crate::site::Site;

/// A credential that can be expanded.
pub(crate) struct Credential {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) scope: Option<&'static str>,
    pub(crate) name: Option<String>,
    pub(crate) description: String,
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
}

/// One field of an `api_key` credential, or one of the fixed ones.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// Its name in the store.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) plain: bool,
    pub(crate) default: Option<String>,
    /// What its doc comment says.
    pub(crate) docs: String,
}

/// What a credential must not derive.
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
    "Debug",
];

/// Judges a credential. `None` where anything is wrong: its stub stands for it then.
pub(crate) fn validate(
    attr: Attr,
    item: &ItemStruct,
    site: &Site,
    errors: &mut Errors,
) -> Option<Credential> {
    let name = &item.ident;
    let from_name = key_of(item);
    let key = attr.key.map(|key| key.text);
    form("credential", "key", key.as_deref().unwrap_or(&from_name), attr.lacks_key, site, errors);
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
    let above: Vec<String> = refused_above(site).iter().map(|derive| format!("`{derive}`")).collect();
    if !above.is_empty() {
        errors.at(name, must_not(name, &above));
    }
    derives(item, errors);
    if let Some((key, _)) = attr.oauth_scopes.as_ref().filter(|_| kind != Kind::Oauth && attr.kind_is_sound) {
        errors.at(key, "`oauth_scopes` has no effect without `kind = oauth`");
    }
    let fields = match &item.fields {
        Fields::Named(fields) if attr.kind_is_sound => {
            self::fields(fields, kind, !item.generics.params.is_empty(), errors)
        }
        // Which fields there may be, its kind says.
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
        scope: attr.scope.map(|(scope, _)| scope),
        name: attr.name.map(|name| name.text),
        description,
        oauth_scopes: attr.oauth_scopes.into_iter().flat_map(|(_, all)| all).map(|text| text.text).collect(),
        validate: attr.validate,
        fields,
        facade: attr.facade,
    })
}

/// The description in a doc comment, all of which has to be known.
fn described(attrs: &[syn::Attribute], errors: &mut Errors) -> String {
    let Description { text, unread } = description(attrs);
    if let Some(unread) = unread {
        errors.at(
            unread,
            "a description is made of `///` comments alone, and this would be missing; write it as one, or under a heading",
        );
    }
    text
}

/// A key made of the struct's name.
pub(crate) fn key_of(item: &ItemStruct) -> String {
    slugged(&snake(&item.ident.to_string()))
}

/// Whether it is our own attribute, a second time.
pub(crate) fn is_ours(attribute: &syn::Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "credential")
}

fn must_not(name: &Ident, traits: &[String]) -> String {
    format!("credential `{name}` must not implement {}: a secret could leave", traits.join(", "))
}

/// The derives above the attribute by which a secret could leave. `Debug` is not among them: the compiler itself finds
/// two of it.
pub(crate) fn refused_above(site: &Site) -> Vec<String> {
    let mut above = site.derives_above();
    above.retain(|derive| derive != "Debug" && REFUSED.contains(&derive.as_str()));
    above
}

/// Whether a credential must not derive it: `Debug`, which is generated, and what would let a secret out.
pub(crate) fn is_refused(derive: &syn::Path) -> bool {
    derive.segments.last().is_some_and(|last| REFUSED.iter().any(|refused| last.ident == refused))
}

/// Derives that would let a secret out, where they stand below the attribute and can be seen: one error for all of a
/// list, at the first.
fn derives(item: &ItemStruct, errors: &mut Errors) {
    let name = &item.ident;
    for derive in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let Ok(paths) = derive.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated) else {
            continue;
        };
        let refused = paths.iter().filter(|path| is_refused(path));
        let named = |path: &&syn::Path| path.segments.last().is_some_and(|last| last.ident == "Debug");
        let (debug, leaks): (Vec<_>, Vec<_>) = refused.partition(named);
        if let Some(debug) = debug.first() {
            errors.at(debug, "`Debug` is generated and hides secrets; remove the derive");
        }
        if let Some(first) = leaks.first() {
            let names = leaks.iter().filter_map(|path| path.segments.last());
            let names: Vec<String> = names.map(|last| format!("`{}`", last.ident)).collect();
            errors.at(first, must_not(name, &names));
        }
    }
}

fn fields(fields: &syn::FieldsNamed, kind: Kind, generic: bool, errors: &mut Errors) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let plain_name = ident.to_string().replace("r#", "");
        let written = attr::field(&field.attrs, &plain_name, errors);
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
            errors.at(attribute, "a field of a credential cannot be conditional; put `#[cfg]` on the struct");
        }
        if kind != Kind::ApiKey {
            fixed(kind, ident, &plain_name, &written, errors);
        } else if let (Some((_, value, _)), None) = (&written.default, &written.plain) {
            errors.at(value, "secrets do not go into attributes; only a `plain` field can have a default");
        }
        if !generic {
            borrowed(&field.ty, &plain_name, errors);
        }
        let name = match &written.name {
            Some(name) => {
                well_named(name, errors);
                name.text.clone()
            }
            None => plain_name,
        };
        if found.iter().any(|earlier| earlier.name == name) {
            let place = written.name.as_ref().map(|name| name.literal.to_token_stream());
            errors.at(place.unwrap_or_else(|| ident.to_token_stream()), format!("`{name}` used twice"));
        }
        found.push(Field {
            ident: ident.clone(),
            name,
            ty: field.ty.clone(),
            plain: written.plain.is_some(),
            default: written.default.map(|(_, _, text)| text),
            docs: described(&field.attrs, errors),
        });
    }
    found
}

/// A field of a kind whose fields are fixed: one of them, without keys of its own.
fn fixed(kind: Kind, ident: &Ident, name: &str, written: &attr::FieldAttr, errors: &mut Errors) {
    let (article, word) = if kind == Kind::Oauth { ("an", "oauth") } else { ("a", "keystroke") };
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
