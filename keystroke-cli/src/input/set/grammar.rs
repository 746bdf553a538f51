//! The grammar of `--set`, and the reading of the values.
//!
//! An error shows the field and the form and never what stands after the `=`: with `@env:$KEY` for `@env:KEY`, say,
//! the shell puts the secret itself there. A field's name is shown only if a credential would declare such a one:
//! without `field=`, a secret in base64 stands in its place.

mod ask;
mod check;
mod value;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use keystroke_core::fix::FIELD;
use zeroize::Zeroizing;

pub(crate) use self::ask::{Question, field as ask};
pub(crate) use self::check::{Problem, tell};
pub(crate) use self::value::read;
use crate::declared::Declared;
use crate::error::{CliError, Refusal};
use crate::typed;

/// What a `--set` looks like; part of every error about one.
pub(crate) const FORMS: &str = "`--set field=@stdin`, `field=@env:VAR`, `field=@file:PATH` or `field=value` (`field=@@…` for a value that begins with `@`)";

/// What is known of the fields before their values are.
#[derive(Clone, Copy, Default)]
pub(crate) struct FieldRules<'a> {
    /// What the application declares, where its manifest is known.
    pub(crate) declared: Option<&'a Declared>,
    /// Fields that `--allow-short` names.
    pub(crate) allow_short: &'a [String],
    /// Fields that `--keep-line-end` names.
    pub(crate) keep_line_end: &'a [String],
}

impl FieldRules<'_> {
    /// Whether the application declares that the field may be shown.
    fn is_plain(&self, field: &str) -> bool {
        self.declared.is_some_and(|declared| declared.is_plain(field))
    }

    fn allows_short(&self, field: &str) -> bool {
        self.is_plain(field) || self.allow_short.iter().any(|name| name == field)
    }

    fn keeps_line_end(&self, field: &str) -> bool {
        self.keep_line_end.iter().any(|name| name == field)
    }
}

/// One `--set`, understood and not yet read.
#[derive(Debug)]
pub(crate) struct Setting {
    field: String,
    source: Source,
}

enum Source {
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

impl Setting {
    /// The field that it sets.
    pub(crate) fn field(&self) -> &str {
        &self.field
    }
}

/// Understands all the `--set` of a command, or tells all that is wrong with them.
pub(crate) fn parse(sets: Vec<OsString>) -> Result<Vec<Setting>, CliError> {
    let mut settings = Vec::with_capacity(sets.len());
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
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
                let problem = format!("{nth} gives {} again", typed::field(&setting.field));
                problems.push(Refusal::usage(problem, "give each field once"));
            }
            // Before any warning about a value that is typed into the command: here there is none.
            Ok(Setting { field, source: Source::Inline(value) }) if value.is_empty() => {
                problems.push(check::refused(&field, "", "", Problem::Empty));
            }
            Ok(setting) => settings.push(setting),
            Err(problem) => problems.push(problem),
        }
    }
    Refusal::all(problems).map_or(Ok(settings), |all| Err(CliError::Refused(all)))
}

/// A `--keep-line-end` for a field that is not read here is a slip of the pen.
pub(crate) fn keeps_line_ends_of(keep: &[String], settings: &[Setting]) -> Result<(), CliError> {
    if keep.iter().all(|name| settings.iter().any(|setting| setting.field == *name)) {
        return Ok(());
    }
    Err(CliError::usage(
        "`--keep-line-end` names a field that is not set here",
        "name a field that has a `--set` in this command",
    ))
}

fn parse_one(text: &str) -> Result<Setting, String> {
    let (field, value) = text.split_once('=').ok_or("has no `=`")?;
    check_field(field)?;
    // A secret in base64 that lost its field: what looks like one is all padding.
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
            _ => return Err(format!("has an `@` form for {} that does not exist", typed::field(field))),
        },
    };
    Ok(Setting { field: field.to_owned(), source })
}

/// What is wrong with a field's name, without the name.
pub(crate) fn check_field(field: &str) -> Result<(), &'static str> {
    if field.is_empty() {
        return Err("has no field's name");
    }
    if keystroke_files::is_secret_path(Path::new(field)) {
        return Err("has a key or a token where a field's name belongs");
    }
    if field == FIELD {
        return Err("has `FIELD` for a field's name, which stands for the real one");
    }
    if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Ok(());
    }
    Err("has a field's name with more in it than a–z, A–Z, 0–9, `_` and `-`")
}

fn nth(index: usize) -> String {
    match index {
        0 => "the first `--set`".to_owned(),
        1 => "the second `--set`".to_owned(),
        2 => "the third `--set`".to_owned(),
        more => format!("`--set` number {}", more + 1),
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
