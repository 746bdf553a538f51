//! Reading what a `--set` names.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use keystroke_core::{Fields, SecretString};
use zeroize::Zeroizing;

use super::{Setting, Source};
use crate::error::{CliError, Refusal};
use crate::output::Output;
use crate::{file, prompt, typed};

/// Reads all values. Nothing is stored before all of them are there; of those that can't be had, all are told.
pub(crate) fn read(settings: Vec<Setting>, output: &Output) -> Result<Fields, CliError> {
    let terminal = prompt::is_possible();
    let from_stdin = settings.iter().filter(|setting| matches!(setting.source, Source::Stdin)).count();
    if from_stdin > 1 && !terminal {
        return Err(CliError::usage(
            format!("{from_stdin} fields are to come from standard input, which has one value"),
            "give the others with `@env:VAR` or `@file:PATH`",
        ));
    }
    let mut fields = Fields::new();
    let mut problems = Vec::new();
    // Questions come last: nobody types a value for a command that is refused anyway.
    let (asked, given): (Vec<_>, Vec<_>) =
        settings.into_iter().partition(|setting| terminal && matches!(setting.source, Source::Stdin));
    for Setting { field, source } in given {
        if matches!(source, Source::Inline(_)) {
            output.warning(
                "inline_secret",
                &format!(
                    "the value of {} was typed into the command, so it stays in your shell's history and other processes can see it; prefer `{}=@stdin`",
                    typed::field(&field),
                    typed::field_in_command(&field),
                ),
            );
        }
        match value(&field, source) {
            Ok(value) => fields.set(field, value),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(all) = Refusal::all(problems) {
        return Err(CliError::Refused(all));
    }
    for Setting { field, .. } in asked {
        let value = ask(&field)?;
        fields.set(field, value);
    }
    Ok(fields)
}

fn value(field: &str, source: Source) -> Result<SecretString, Refusal> {
    match source {
        Source::Inline(value) => checked(field, "", "", value.as_bytes()),
        Source::Env(variable) => {
            // Its name is never shown: after `@env:$KEY` it is the secret.
            let unset = |problem: &str| {
                let mut refusal = refused(field, "@env:", "the variable", problem);
                "set the variable (and export it), and give its name without `$`"
                    .clone_into(&mut refusal.fix);
                refusal
            };
            let value = std::env::var_os(&variable).ok_or_else(|| unset("is not set"))?;
            let value = value.into_string().map(Zeroizing::new).map_err(|_| unset("is not UTF-8"))?;
            checked(field, "@env:", "the variable", value.as_bytes())
        }
        Source::File(path) => {
            let value = read_file(&path).map_err(|error| {
                let mut refusal = refused(field, "@file:", "the file", &format!("cannot be read: {error}"));
                if path.starts_with("~") {
                    "write `$HOME` for `~`, which the shell leaves as it is there"
                } else {
                    "name a regular file of at most 64 KiB that this user can read; what comes from a pipe is read with `@stdin`"
                }
                .clone_into(&mut refusal.fix);
                refusal
            })?;
            checked(field, "@file:", "the file", &value)
        }
        // At a terminal the value would be shown while it is typed.
        Source::Stdin if io::stdin().is_terminal() => Err(Refusal::new(
            "value",
            format!("the value of {} would be shown while it is typed", typed::field(field)),
            "leave standard error connected to the terminal, or pipe the value in",
        )),
        Source::Stdin => {
            let value = file::read_all(io::stdin().lock()).map_err(|error| {
                let mut refusal =
                    refused(field, "@stdin", "standard input", &format!("cannot be read: {error}"));
                "pipe the value in, as in `printf %s \"$KEY\" | keystroke …`".clone_into(&mut refusal.fix);
                refusal
            })?;
            checked(field, "@stdin", "standard input", &value)
        }
    }
}

/// Asks for the value of a field.
pub(crate) fn ask(field: &str) -> Result<SecretString, CliError> {
    let shown = typed::plain_field(field).unwrap_or("the field's value");
    answer(field, &prompt::secret(&format!("{shown}:"), "")?)
}

/// Checks what was typed for a field.
pub(crate) fn answer(field: &str, value: &SecretString) -> Result<SecretString, CliError> {
    checked(field, "", "", value.expose_secret().as_bytes()).map_err(CliError::Refused)
}

/// Drops one line end, and refuses what can't be a value.
pub(super) fn checked(field: &str, form: &str, what: &str, bytes: &[u8]) -> Result<SecretString, Refusal> {
    let whole = bytes.strip_suffix(b"\n").map_or(bytes, |rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    match std::str::from_utf8(whole) {
        Ok("") => Err(refused(field, form, what, "is empty")),
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(refused(field, form, what, "is not UTF-8")),
    }
}

/// The refusal of a value, by its field and by the form that names it.
pub(super) fn refused(field: &str, form: &str, what: &str, problem: &str) -> Refusal {
    let field = typed::field(field);
    let message = if form.is_empty() {
        format!("the value of {field} {problem}")
    } else {
        format!("{what}, named for {field} with `{form}`, {problem}")
    };
    Refusal::new("value", message, "give the whole value, as text")
}

fn read_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let (file, _) = file::open(path)?;
    file::read_all(file)
}
