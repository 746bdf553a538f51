//! The grammar of `--set`: a field, `=`, and where its value comes from: `field=value`, `field=@stdin`, `field=@env:VAR`,
//! `field=@file:PATH`, and `field=@@value` for a value that starts with `@`.
//!
//! An error shows the field and the form but never what follows the `=`: after `@env:$KEY`, written for `@env:KEY`, that is
//! the secret itself. A field's name is shown only if a credential could declare it: without `field=`, a base64 secret
//! stands in its place.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::{CliError, Refusal, Refusals};
use crate::input::names::check_field;
use crate::input::value::{self, Problem};
use crate::output::typed;

/// The forms of `--set`, for every error about one.
pub(crate) const FORMS: &str = "`--set field=@stdin`, `field=@env:VAR`, `field=@file:PATH` or `field=value` (`field=@@…` for a value that starts with `@`)";

/// One `--set`, parsed; its value is not read yet.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(super) field: String,
    pub(super) source: Source,
}

/// Where a value comes from.
pub(super) enum Source {
    Inline(Zeroizing<String>),
    Env(String),
    File(PathBuf),
    Stdin,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Inline(_) => "[inline]",
            Self::Env(_) => "@env:…",
            Self::File(_) => "@file:…",
            Self::Stdin => "@stdin",
        })
    }
}

/// All the `--set` of a command, parsed; their values are not read yet.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(super) all: Vec<Setting>,
    /// The fields whose last line end is kept.
    pub(super) keep_line_end: Vec<String>,
}

impl Settings {
    /// Parses `--set` and `--keep-line-end`, or refuses with everything that is wrong.
    pub(crate) fn parse(sets: Vec<OsString>, keep_line_end: Vec<String>) -> Result<Self, CliError> {
        let settings = Self { all: parse(sets)?, keep_line_end };
        if settings.keep_line_end.iter().all(|name| settings.has(name)) {
            return Ok(settings);
        }
        // A slip of the pen.
        Err(CliError::usage(
            "`--keep-line-end` names a field that is not set here",
            "name a field that has a `--set` in this command",
        ))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The fields that are set.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|setting| setting.field.as_str())
    }

    /// Whether this field is set.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields().any(|given| given == field)
    }
}

/// Parses all the `--set` of a command, or refuses with everything that is wrong.
pub(super) fn parse(sets: Vec<OsString>) -> Result<Vec<Setting>, CliError> {
    let mut settings = Vec::with_capacity(sets.len());
    let mut seen = BTreeSet::new();
    let mut problems = Refusals::default();
    for (index, text) in sets.into_iter().enumerate() {
        let nth = nth(index);
        let refuse = |problem: &str| Refusal::usage(format!("{nth} {problem}"), format!("write {FORMS}"));
        let setting = text
            .into_string()
            .map(Zeroizing::new)
            .map_err(|_| refuse("is not UTF-8"))
            .and_then(|text| parse_one(&text).map_err(|problem| refuse(&problem)));
        match setting {
            Ok(setting) if !seen.insert(setting.field.clone()) => {
                let problem = format!("{nth} sets {} again", typed::field(&setting.field));
                problems.push(Refusal::usage(problem, "set each field once"));
            }
            // Before any warning about values typed into the command: there is none here.
            Ok(Setting { field, source: Source::Inline(value) }) if value.is_empty() => {
                problems.push(value::refused(&field, "", "", Problem::Empty));
            }
            Ok(setting) => settings.push(setting),
            Err(problem) => problems.push(problem),
        }
    }
    problems.into_result()?;
    Ok(settings)
}

fn parse_one(text: &str) -> Result<Setting, String> {
    let (field, value) = text.split_once('=').ok_or("has no `=`")?;
    check_field(field)?;
    // A base64 secret without a field: what looks like the value is its padding.
    if value.chars().all(|c| c == '=') && !value.is_empty() {
        return Err("has nothing but `=` after the first `=`".to_owned());
    }
    let source = match value.strip_prefix('@') {
        None => Source::Inline(value.to_owned().into()),
        Some(literal) if literal.starts_with('@') => Source::Inline(literal.to_owned().into()),
        Some("stdin") => Source::Stdin,
        Some(word) => match word.split_once(':') {
            Some(("env" | "file", "")) => {
                return Err(format!("names nothing after the `:` for {}", typed::field(field)));
            }
            Some(("env", variable)) => Source::Env(variable.to_owned()),
            Some(("file", path)) => Source::File(PathBuf::from(path)),
            _ => return Err(format!("has an unknown `@` form for {}", typed::field(field))),
        },
    };
    Ok(Setting { field: field.to_owned(), source })
}

fn nth(index: usize) -> String {
    match index {
        0 => "the first `--set`".to_owned(),
        1 => "the second `--set`".to_owned(),
        2 => "the third `--set`".to_owned(),
        more => format!("`--set` number {}", more + 1),
    }
}
