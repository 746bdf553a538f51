//! A credential as an application declares it, and what a command that stores one checks against it: the fields' names,
//! before a value is read; the types of plain values, before anything is stored; and whether runs look where it is stored
//! ([`Uses`]).

use std::path::Path;

use keystroke_core::{CredentialKind, Fields, ManifestCredential, ManifestField, fix};

use super::lookup::unknown_key;
use super::read::{find, refuse_stdin};
use super::uses::Uses;
use crate::error::{CliError, Refusal, Refusals};
use crate::output::typed::{self, listed, nearest};

/// A credential of the manifest that a command goes by.
#[derive(Debug)]
pub(crate) struct Declared {
    credential: ManifestCredential,
    uses: Uses,
}

impl Declared {
    /// What the manifest says of a key; `None` if no manifest is named or found. A key that the manifest does not have is
    /// refused, and so is one that takes no values.
    pub(crate) fn find(key: &str, named: Option<&Path>) -> Result<Option<Self>, CliError> {
        refuse_stdin(named)?;
        let Some(manifest) = find(named)? else { return Ok(None) };
        let credential = manifest.credential(key).ok_or_else(|| unknown_key(key, &manifest))?;
        if credential.kind != CredentialKind::ApiKey {
            return Err(CliError::refused(
                "not_supported",
                format!(
                    "`{key}` is declared as an account (kind `{}`), which takes no values, and connecting accounts comes later",
                    credential.kind
                ),
                "connect the account in the program that creates such accounts",
            ));
        }
        Ok(Some(Self { credential: credential.clone(), uses: Uses::of(&manifest, credential) }))
    }

    /// Where the application's runs look for it.
    pub(crate) const fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Refuses names of fields that are not declared.
    pub(crate) fn check_names<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<(), CliError> {
        let key = &self.credential.key;
        let unknown = names.filter(|name| self.credential.field(name).is_none()).map(|name| {
            let field = typed::plain_field(name)
                .map_or_else(|| "a field of this name".to_owned(), |name| format!("a field `{name}`"));
            let names = || self.credential.fields.iter().map(|field| field.name.as_str());
            let fix = match nearest(name, names()) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("use {}", listed(names())),
            };
            Refusal::new("unknown_field", format!("`{key}` is not declared with {field}"), fix)
        });
        unknown.collect::<Refusals>().into_result()
    }

    /// Refuses if a required field is missing.
    pub(crate) fn check_complete(&self, has: impl Fn(&str) -> bool) -> Result<(), CliError> {
        let missing: Vec<&str> = self.required().filter(|name| !has(name)).collect();
        let settings = fix::settings(&self.credential.key, missing.iter().copied(), &[]);
        self.lacks(&missing, format!("add `{}`", settings.trim_start()))
    }

    /// As [`check_complete`](Self::check_complete), for fields that come from the variables of a file.
    pub(crate) fn check_complete_in_file(&self, has: impl Fn(&str) -> bool) -> Result<(), CliError> {
        let missing: Vec<&str> = self.required().filter(|name| !has(name)).collect();
        let maps: Vec<String> =
            missing.iter().map(|name| format!("`--map VAR={}.{name}`", self.credential.key)).collect();
        self.lacks(&missing, format!("say which variable holds it: {}", maps.join(" and ")))
    }

    fn lacks(&self, missing: &[&str], fix: String) -> Result<(), CliError> {
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("`{}` lacks the required {}", self.credential.key, fields(missing));
        Err(CliError::refused("missing_field", message, fix))
    }

    /// The fields that an instance must have.
    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        self.credential.fields.iter().filter(|field| field.required).map(|field| field.name.as_str())
    }

    /// Refuses plain values that the application could not read.
    pub(crate) fn check_types(&self, values: &Fields) -> Result<(), CliError> {
        let wrong = values.iter().filter_map(|(name, value)| {
            let field = self.credential.field(name)?;
            let problem = field.ty.check(value.expose_secret()).err()?;
            let fix = format!("give a `{}`, written as in Rust", field.ty.as_str());
            Some(Refusal::new("invalid_value", format!("the value of `{name}` {problem}"), fix))
        });
        wrong.collect::<Refusals>().into_result()
    }

    /// The fields that are not secret: their values may be short, because nobody looks for them in results.
    pub(crate) fn plain(&self, values: &Fields) -> Vec<String> {
        values.names().filter(|name| self.is_plain(name)).map(str::to_owned).collect()
    }

    /// Whether a field of this name may be shown.
    pub(crate) fn is_plain(&self, name: &str) -> bool {
        self.credential.field(name).is_some_and(|field| !field.secret)
    }

    /// What is declared of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&ManifestField> {
        self.credential.field(name)
    }

    /// All fields, in the order of the declaration.
    pub(crate) fn fields(&self) -> &[ManifestField] {
        &self.credential.fields
    }

    /// The first line of what the credential is for, and whether it is optional; empty where nothing is said.
    pub(crate) fn summary(&self) -> String {
        let about = self.credential.description.lines().next().unwrap_or_default();
        let optional =
            if self.uses.is_optional() { "Optional: the application runs without it." } else { "" };
        [about, optional].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// `` field `api_key` ``, `` fields `id`, `secret` ``.
fn fields(names: &[&str]) -> String {
    let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", if names.len() == 1 { "field" } else { "fields" }, all.join(", "))
}
