//! Reading a manifest that another program wrote, or somebody changed. Every error names the place; none repeats what
//! stands there, because the file may be another one than was meant.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Deserializer};

use super::{Manifest, ManifestAction, ManifestCredential};
use crate::declare::slug::{LONGEST_SLUG, is_slug};

/// What a manifest has at most, in bytes.
const LONGEST: usize = 1024 * 1024;
/// What a credential key has at most: the vault's limit.
const LONGEST_KEY: usize = 128;
/// What other names have at most.
const LONGEST_NAME: usize = 256;
/// How many problems are shown.
const MOST_TOLD: usize = 20;

/// Why a text is no manifest that can be used. `Display` is the problem and its fix, and so is `Debug`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManifestError {
    /// It has more than 1 MiB.
    TooLong,
    /// It is not JSON.
    NotJson {
        /// Where it is not, counted from 1.
        line: usize,
        /// Likewise.
        column: usize,
    },
    /// It is JSON without a `format`.
    NoFormat,
    /// Its format is one that this version does not know.
    UnknownFormat {
        /// Its number.
        format: u64,
    },
    /// It is not what its format asks for.
    Invalid {
        /// Each place and what is wrong there, or the first of them.
        problems: Vec<ManifestProblem>,
    },
}

/// One place of a manifest that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestProblem {
    /// Where, such as `actions[1].slug`.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl ManifestError {
    /// `manifest_too_long`, `manifest_not_json`, `manifest_no_format`, `manifest_format` or `manifest_invalid`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "manifest_too_long",
            Self::NotJson { .. } => "manifest_not_json",
            Self::NoFormat => "manifest_no_format",
            Self::UnknownFormat { .. } => "manifest_format",
            Self::Invalid { .. } => "manifest_invalid",
        }
    }

    /// What to do about it.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::UnknownFormat { .. } => {
                "use a `keystroke` of the application's version, or have a manifest printed by an application of this one's"
            }
            _ => "have the application print it again (`println!(\"{}\", keystroke::manifest!(tools))`)",
        }
    }
}

impl ManifestError {
    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = self.write_problem(&mut text);
        text
    }

    fn write_problem(&self, f: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the manifest has more than 1 MiB"),
            Self::NotJson { line, column } => {
                write!(f, "the manifest is not JSON, at line {line}, column {column}")
            }
            Self::NoFormat => f.write_str("this is not a manifest: it has no `format` with a number"),
            Self::UnknownFormat { format } => {
                write!(f, "the manifest has the format {format}, and this version knows {}", Manifest::FORMAT)
            }
            Self::Invalid { problems } => {
                for (index, ManifestProblem { place, problem }) in problems.iter().enumerate() {
                    if index > 0 {
                        f.write_str("; ")?;
                    }
                    write!(f, "`{place}` of the manifest {problem}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_problem(f)?;
        write!(f, ". To fix it, {}", self.fix())
    }
}

/// As `Display`: a program that returns this from `main` shows it by that, and it must name the fix there too.
impl fmt::Debug for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// It is too long, not JSON, of another format, or not what the format asks for.
    pub fn from_json(json: &[u8]) -> Result<Self, ManifestError> {
        if json.len() > LONGEST {
            return Err(ManifestError::TooLong);
        }
        // First and by itself: a newer format may hold anything else.
        let format = Head::of(json)?;
        if format != u64::from(Self::FORMAT) {
            return Err(ManifestError::UnknownFormat { format });
        }
        let mut reader = serde_json::Deserializer::from_slice(json);
        let manifest: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let place = match error.path().to_string() {
                root if root == "." => "the root".to_owned(),
                place => place,
            };
            let problem = without_values(&error.inner().to_string());
            ManifestError::Invalid { problems: vec![ManifestProblem { place, problem }] }
        })?;
        let problems = manifest.problems();
        if problems.is_empty() { Ok(manifest) } else { Err(ManifestError::Invalid { problems }) }
    }

    /// What the types can't say.
    fn problems(&self) -> Vec<ManifestProblem> {
        let mut problems = Problems::default();
        problems.name("application.name", &self.application.name);
        problems.name("application.version", &self.application.version);
        let mut slugs = HashSet::new();
        for (index, action) in self.actions.iter().enumerate() {
            let place = format!("actions[{index}]");
            problems.slug(format!("{place}.slug"), &action.slug, LONGEST_SLUG);
            problems.once(format!("{place}.slug"), slugs.insert(&action.slug));
            problems.name(&format!("{place}.name"), &action.name);
            self.requirements(&place, action, &mut problems);
        }
        let mut keys = HashSet::new();
        for (index, credential) in self.credentials.iter().enumerate() {
            let place = format!("credentials[{index}]");
            problems.slug(format!("{place}.key"), &credential.key, LONGEST_KEY);
            problems.once(format!("{place}.key"), keys.insert(&credential.key));
            problems.name(&format!("{place}.name"), &credential.name);
            fields(&place, credential, &mut problems);
        }
        problems.0
    }

    fn requirements(&self, place: &str, action: &ManifestAction, problems: &mut Problems) {
        let mut keys = HashSet::new();
        for (index, requirement) in action.requires.iter().enumerate() {
            let place = format!("{place}.requires[{index}].credential");
            if self.credential(&requirement.credential).is_none() {
                problems.add(place.clone(), "is the key of none of the credentials");
            }
            problems.once(place, keys.insert(&requirement.credential));
        }
    }
}

fn fields(place: &str, credential: &ManifestCredential, problems: &mut Problems) {
    for (index, scope) in credential.oauth_scopes.iter().enumerate() {
        problems.name(&format!("{place}.oauth_scopes[{index}]"), scope);
    }
    let mut names = HashSet::new();
    for (index, field) in credential.fields.iter().enumerate() {
        let place = format!("{place}.fields[{index}]");
        problems.name(&format!("{place}.name"), &field.name);
        problems.once(format!("{place}.name"), names.insert(&field.name));
        if field.secret && field.default.is_some() {
            problems.add(format!("{place}.default"), "must not be there: a secret has no default");
        }
    }
}

#[derive(Default)]
struct Problems(Vec<ManifestProblem>);

impl Problems {
    fn add(&mut self, place: String, problem: impl Into<String>) {
        if self.0.len() < MOST_TOLD {
            self.0.push(ManifestProblem { place, problem: problem.into() });
        }
    }

    fn once(&mut self, place: String, is_first: bool) {
        if !is_first {
            self.add(place, "is there twice");
        }
    }

    fn slug(&mut self, place: String, text: &str, longest: usize) {
        if !is_slug(text) || text.len() > longest {
            self.add(place, format!("is not 1 to {longest} of a–z, 0–9, `-` and `_`"));
        }
    }

    fn name(&mut self, place: &str, text: &str) {
        if text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control) {
            let problem = format!("is not 1 to {LONGEST_NAME} bytes without control characters");
            self.add(place.to_owned(), problem);
        }
    }
}

/// The part of every format that says which one it is.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: Option<serde_json::Value>,
}

impl Head {
    fn of(json: &[u8]) -> Result<u64, ManifestError> {
        // serde would read the struct from a list as well.
        let is_object = json.trim_ascii_start().starts_with(b"{");
        let head: Self = serde_json::from_slice(json).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => ManifestError::NoFormat,
            _ => ManifestError::NotJson { line: error.line(), column: error.column() },
        })?;
        head.format
            .as_ref()
            .filter(|_| is_object)
            .and_then(serde_json::Value::as_u64)
            .ok_or(ManifestError::NoFormat)
    }
}

/// serde's words without what stands in the file: of `invalid type: string "…", expected a boolean`, the end.
fn without_values(error: &str) -> String {
    let error = error.rsplit_once(" at line ").map_or(error, |(error, _)| error);
    match error.rsplit_once("expected ") {
        Some((_, expected)) => format!("is not what it should be: {expected}"),
        None if error.starts_with("missing field") || error.starts_with("duplicate field") => {
            format!("has a {error}")
        }
        None => "is not what it should be".to_owned(),
    }
}

/// A value that may be null and must be there: a slip in its name is found.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(from)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
