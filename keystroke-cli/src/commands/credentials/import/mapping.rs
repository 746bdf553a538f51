//! Which variable of a `.env` file is which field: what `--map` says, else the one field in the manifest that has the
//! variable's name. Nothing else decides: a name that looks like one credential's may be another's.

use std::collections::BTreeMap;
use std::ffi::OsString;

use keystroke_core::{CredentialKind, Manifest};
use serde::Serialize;

use crate::error::{CliError, Refusal, Refusals};
use crate::input::dotenv::Variable;
use crate::input::names::{check_field, check_key};
use crate::output::typed;

/// A field of a credential.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Target {
    pub(super) key: String,
    pub(super) field: String,
}

/// What becomes of the variables.
pub(super) struct Mapping<'a> {
    /// Those to be stored.
    pub(super) taken: BTreeMap<Target, &'a Variable>,
    /// The others, with the fields that each may be, if it is more than one.
    pub(super) skipped: Vec<(&'a Variable, Vec<Target>)>,
}

/// What `--map` says: variables and fields, each once.
pub(super) fn parse(maps: Vec<OsString>) -> Result<Vec<(String, Target)>, CliError> {
    let refuse = |problem: &str| {
        CliError::usage(
            format!("a `--map` {problem}"),
            "write `--map VAR=key.field`, such as `--map EXA_API_KEY=exa.api_key`",
        )
    };
    let mut parsed: Vec<(String, Target)> = Vec::with_capacity(maps.len());
    for map in maps {
        let map = map.into_string().map_err(|_| refuse("is not UTF-8"))?;
        let (variable, target) = map.split_once('=').ok_or_else(|| without_variable(&map))?;
        let (key, field) = target.split_once('.').ok_or_else(|| refuse("has no `.` after its `=`"))?;
        if variable.is_empty() {
            return Err(refuse("names no variable"));
        }
        check_key(key)?;
        check_field(field).map_err(refuse)?;
        let target = Target { key: key.to_owned(), field: field.to_owned() };
        if parsed.iter().any(|(name, other)| name == variable || *other == target) {
            return Err(refuse("names a variable or a field twice"));
        }
        parsed.push((variable.to_owned(), target));
    }
    Ok(parsed)
}

/// The refusal of a `--map` that is not a pair. If it has the field alone, the fix names a variable for it.
fn without_variable(map: &str) -> CliError {
    let meant = map
        .split_once('.')
        .filter(|(key, field)| typed::key(key) == *key && typed::plain_field(field).is_some());
    let fix = match meant {
        Some((key, field)) => {
            let target = Target { key: key.to_owned(), field: field.to_owned() };
            format!("say which variable it is, such as `--map {}={target}`", target.variable())
        }
        None => "write `--map VAR=key.field`, such as `--map EXA_API_KEY=exa.api_key`".to_owned(),
    };
    CliError::usage("a `--map` has no `=`", fix)
}

/// Finds each variable's field.
pub(super) fn find<'a>(
    variables: &'a [Variable],
    maps: Vec<(String, Target)>,
    manifest: Option<&Manifest>,
) -> Result<Mapping<'a>, CliError> {
    let mut taken: BTreeMap<Target, &Variable> = BTreeMap::new();
    let mut problems = Refusals::default();
    for (name, target) in maps {
        match variables.iter().find(|variable| variable.name == name) {
            Some(variable) => drop(taken.insert(target, variable)),
            None => problems.push(Refusal::new(
                "no_such_variable",
                format!(
                    "the file has no variable {}",
                    typed::variable(&name)
                        .map_or_else(|| "of that name".to_owned(), |name| format!("`{name}`"))
                ),
                "name a variable of the file in each `--map`",
            )),
        }
    }
    let mapped: Vec<&str> = taken.values().map(|variable| variable.name.as_str()).collect();
    let mut found = BTreeMap::new();
    let mut skipped = Vec::new();
    for variable in variables.iter().filter(|variable| !mapped.contains(&variable.name.as_str())) {
        let mut fits = manifest.map_or_else(Vec::new, |manifest| declared(manifest, &variable.name));
        // `--map` may have given the field to another variable.
        fits.retain(|target| !taken.contains_key(target));
        match fits.as_slice() {
            [only] => drop(found.insert(only.clone(), variable)),
            _ => skipped.push((variable, fits)),
        }
    }
    taken.extend(found);
    // Readers differ on which of two the application gets.
    for variable in taken.values() {
        if let Some(other) =
            variables.iter().find(|other| other.name == variable.name && other.line != variable.line)
        {
            problems.push(Refusal::new(
                "given_twice",
                format!("{} is set again on line {}", shown(variable), other.line),
                "keep only one of them in the file",
            ));
        }
    }
    problems.into_result()?;
    Ok(Mapping { taken, skipped })
}

/// The declared fields whose variable this would be.
fn declared(manifest: &Manifest, variable: &str) -> Vec<Target> {
    targets(manifest).filter(|target| target.variable() == variable).collect()
}

/// All fields that take values.
fn targets(manifest: &Manifest) -> impl Iterator<Item = Target> {
    let credentials =
        manifest.credentials.iter().filter(|credential| credential.kind == CredentialKind::ApiKey);
    credentials.flat_map(|credential| {
        credential
            .fields
            .iter()
            .map(|field| Target { key: credential.key.clone(), field: field.name.clone() })
    })
}

impl Target {
    /// `EXA_API_KEY` for `api_key`, or `apiKey`, of `exa`.
    fn variable(&self) -> String {
        let mut name = String::new();
        let mut after_small = true;
        for c in self.key.chars().chain(['_']).chain(self.field.chars()) {
            if c.is_ascii_uppercase() && after_small && !name.ends_with('_') {
                name.push('_');
            }
            name.push(if c == '-' { '_' } else { c.to_ascii_uppercase() });
            after_small = !c.is_ascii_uppercase();
        }
        name
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, typed::field_in_command(&self.field))
    }
}

/// A variable for a text. Its name may be part of a secret that was broken over lines.
pub(super) fn shown(variable: &Variable) -> String {
    let line = variable.line;
    typed::variable(&variable.name)
        .map_or_else(|| format!("the variable on line {line}"), |name| format!("`{name}` (line {line})"))
}

/// An example of a `--map` for a variable, only to be shown. A field that the manifest lacks is no example.
pub(super) fn example(variable: &Variable, manifest: Option<&Manifest>) -> Option<String> {
    let name = typed::variable(&variable.name)?;
    let (key, field) = name.split_once('_').filter(|(key, field)| !key.is_empty() && !field.is_empty())?;
    let target = Target { key: key.to_ascii_lowercase(), field: field.to_ascii_lowercase() };
    if manifest.is_some_and(|manifest| targets(manifest).all(|other| other != target)) {
        return None;
    }
    Some(format!("`--map {name}={target}`"))
}

/// `` `exa.api_key` or `slack.token` ``: all that a variable may be.
pub(super) fn all_fields(manifest: &Manifest) -> String {
    let all: Vec<String> = targets(manifest).map(|target| target.to_string()).collect();
    typed::listed(all.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_one_variable() {
        for (key, field, variable) in [
            ("exa", "api_key", "EXA_API_KEY"),
            ("exa", "apiKey", "EXA_API_KEY"),
            ("google-maps", "key", "GOOGLE_MAPS_KEY"),
            ("aws", "secretAccessKey", "AWS_SECRET_ACCESS_KEY"),
            ("s3", "ID", "S3_ID"),
        ] {
            let target = Target { key: key.to_owned(), field: field.to_owned() };
            assert_eq!(target.variable(), variable);
        }
    }
}
