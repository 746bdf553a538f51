//! Reading what a `--set` names.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use keystroke_core::Fields;
use zeroize::Zeroizing;

use super::grammar::{Setting, Settings, Source};
use crate::error::{CliError, Refusal, Refusals};
use crate::file;
use crate::input::field_rules::FieldRules;
use crate::input::value::{self, Text};
use crate::input::{ask, prompt};
use crate::output::{Output, typed};

impl Settings {
    /// Reads all values before anything is stored, and refuses all that cannot be read together.
    pub(crate) fn read(self, rules: &FieldRules<'_>, output: &Output) -> Result<Fields, CliError> {
        let Self { all, keep_line_end } = self;
        let terminal = prompt::is_possible();
        let from_stdin = all.iter().filter(|setting| matches!(setting.source, Source::Stdin)).count();
        if from_stdin > 1 && !terminal {
            return Err(CliError::usage(
                format!("{from_stdin} fields are to be read from standard input, which holds one value"),
                "give the others with `@env:VAR` or `@file:PATH`",
            ));
        }
        let mut fields = Fields::new();
        let mut problems = Refusals::default();
        // Questions come last: nobody types a value for a command that is refused anyway.
        let (asked, given): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|setting| terminal && matches!(setting.source, Source::Stdin));
        for Setting { field, source } in given {
            if matches!(source, Source::Inline(_)) && !rules.is_plain(&field) {
                output.warning(
                "inline_secret",
                &format!(
                    "the value of {} was typed into the command, so it stays in your shell's history and other processes can see it; prefer `{}=@stdin`",
                    typed::field(&field),
                    typed::field_in_command(&field),
                ),
            );
            }
            match value_of(&field, source, keep_line_end.contains(&field)) {
                Ok(text) => fields.set(field.as_str(), text.told(&field, rules.is_plain(&field), output)),
                Err(problem) => problems.push(problem),
            }
        }
        problems.into_result()?;
        let _quiet = (!asked.is_empty()).then(prompt::Quiet::begin);
        for Setting { field, .. } in asked {
            let value = ask::field(&field, rules, output)?;
            fields.set(field, value);
        }
        Ok(fields)
    }
}

fn value_of(field: &str, source: Source, keeps_line_end: bool) -> Result<Text, Refusal> {
    let checked = |form: &str, what: &str, bytes: &[u8]| {
        value::text(bytes, keeps_line_end).map_err(|problem| value::refused(field, form, what, problem))
    };
    match source {
        Source::Inline(value) => checked("", "", value.as_bytes()),
        Source::Env(variable) => {
            // Its name is never shown: after `@env:$KEY` it is the secret.
            let unset = |problem: &str| {
                let fix = "set the variable (and export it), and give its name without `$`";
                value::refusal(field, "@env:", "the variable", problem, fix)
            };
            let value = std::env::var_os(&variable).ok_or_else(|| unset("is not set"))?;
            let value = value.into_string().map(Zeroizing::new).map_err(|_| unset("is not UTF-8"))?;
            checked("@env:", "the variable", value.as_bytes())
        }
        Source::File(path) => {
            let value = read_file(&path).map_err(|error| {
                let fix = if path.starts_with("~") {
                    "write `$HOME` for `~`, which the shell does not expand there"
                } else {
                    "name a regular file of at most 64 KiB that you can read; for a pipe, use `@stdin`"
                };
                value::refusal(field, "@file:", "the file", &format!("cannot be read: {error}"), fix)
            })?;
            checked("@file:", "the file", &value)
        }
        // At a terminal the value would be shown while it is typed.
        Source::Stdin if io::stdin().is_terminal() => Err(Refusal::new(
            "value",
            format!("the value of {} would be shown while it is typed", typed::field(field)),
            "leave standard error connected to the terminal, or pipe the value in",
        )),
        Source::Stdin => {
            let value = file::read_all(io::stdin().lock()).map_err(|error| {
                let fix = "pipe the value in, as in `printf %s \"$KEY\" | keystroke …`";
                value::refusal(field, "@stdin", "standard input", &format!("cannot be read: {error}"), fix)
            })?;
            checked("@stdin", "standard input", &value)
        }
    }
}

fn read_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let (file, _) = file::open(path)?;
    file::read_all(file)
}
