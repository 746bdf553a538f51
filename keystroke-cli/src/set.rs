//! The grammar of `--set`, and the reading of the values.
//!
//! An error shows the field and the form and never what stands after the `=`: with `@env:$KEY` for `@env:KEY`, say,
//! the shell puts the secret itself there. A field's name is shown only while it is too short to be a slipped secret.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::PathBuf;

use keystroke_core::{Fields, SecretString};
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::output::Output;
use crate::prompt;

/// What a `--set` looks like; part of every error about one.
pub(crate) const FORMS: &str = "`--set field=@stdin`, `field=@env:VAR`, `field=@file:PATH` or `field=value` (`field=@@…` for a value that begins with `@`)";

/// More than this is no secret but a mistake, such as `/dev/zero`. The vault's own limit is lower.
const MOST: usize = 1024 * 1024;
/// From this length on a field's name may be a secret with an `=` at its end, as base64 has.
const NAME_SHOWN: usize = 32;

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

/// Understands all the `--set` of a command.
pub(crate) fn parse(sets: Vec<OsString>) -> Result<Vec<Setting>, CliError> {
    let mut settings = Vec::with_capacity(sets.len());
    let mut seen = BTreeSet::new();
    for (index, text) in sets.into_iter().enumerate() {
        let nth = nth(index);
        let refuse = |problem: &str| CliError::usage(format!("{nth} {problem}"), format!("write {FORMS}"));
        let text = text.into_string().map(Zeroizing::new).map_err(|_| refuse("is not UTF-8"))?;
        let setting = parse_one(&text).map_err(|problem| refuse(&problem))?;
        if !seen.insert(setting.field.clone()) {
            let problem = format!("gives {} again", shown(&setting.field));
            return Err(CliError::usage(format!("{nth} {problem}"), "give each field once"));
        }
        settings.push(setting);
    }
    Ok(settings)
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
                return Err(format!("names nothing after the `:` for {}", shown(field)));
            }
            Some(("env", variable)) => Source::Env(variable.to_owned()),
            Some(("file", path)) => Source::File(PathBuf::from(path)),
            _ => return Err(format!("has an `@` form for {} that does not exist", shown(field))),
        },
    };
    Ok(Setting { field: field.to_owned(), source })
}

/// What is wrong with a field's name, without the name.
pub(crate) fn check_field(field: &str) -> Result<(), &'static str> {
    if field.is_empty() {
        return Err("has no field's name");
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

fn shown(field: &str) -> String {
    if field.len() < NAME_SHOWN { format!("`{field}`") } else { "a field".to_owned() }
}

/// Reads all values. Nothing is stored before all of them are there.
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
    for Setting { field, source } in settings {
        if matches!(source, Source::Inline(_)) {
            output.warning(
                "inline_secret",
                &format!(
                    "the value of {} was typed into the command, so it stays in your shell's history and other processes can see it; prefer `{field}=@stdin`",
                    shown(&field)
                ),
            );
        }
        let value = value(&field, source, terminal)?;
        fields.set(field, value);
    }
    Ok(fields)
}

fn value(field: &str, source: Source, terminal: bool) -> Result<SecretString, CliError> {
    match source {
        Source::Inline(value) => checked(field, "", "", value.as_bytes()),
        Source::Env(variable) => {
            let name = variable_name(&variable);
            let unset = |problem: &str| {
                CliError::refused(
                    "value",
                    format!("{name}, named for {} with `@env:`, {problem}", shown(field)),
                    "set the variable (and export it), and give its name without `$`",
                )
            };
            let value = std::env::var_os(&variable).ok_or_else(|| unset("is not set"))?;
            let value = value.into_string().map(Zeroizing::new).map_err(|_| unset("is not UTF-8"))?;
            checked(field, "@env:", &name, value.as_bytes())
        }
        Source::File(path) => {
            let fix = if path.starts_with("~") {
                "write `$HOME` for `~`, which the shell leaves as it is there"
            } else {
                "name a file that this user can read"
            };
            let unreadable = |error: io::Error| {
                CliError::refused(
                    "value",
                    format!("the file named for {} with `@file:` cannot be read: {error}", shown(field)),
                    fix,
                )
            };
            let value = File::open(path).and_then(read_all).map_err(unreadable)?;
            checked(field, "@file:", "the file", &value)
        }
        // At a terminal the value would be shown while it is typed.
        Source::Stdin if terminal => ask(field),
        Source::Stdin if io::stdin().is_terminal() => Err(CliError::refused(
            "value",
            format!("the value of {} would be shown while it is typed", shown(field)),
            "leave standard error connected to the terminal, or pipe the value in",
        )),
        Source::Stdin => {
            let value = read_all(io::stdin().lock()).map_err(|error| {
                CliError::refused(
                    "value",
                    format!(
                        "standard input, named for {} with `@stdin`, cannot be read: {error}",
                        shown(field)
                    ),
                    "pipe the value in, as in `printf %s \"$KEY\" | keystroke …`",
                )
            })?;
            checked(field, "@stdin", "standard input", &value)
        }
    }
}

/// Asks for the value of a field.
pub(crate) fn ask(field: &str) -> Result<SecretString, CliError> {
    let value = prompt::secret(&format!("{field}:"))?;
    checked(field, "", "", value.expose_secret().as_bytes())
}

/// The variable's name, if it looks like one: after `@env:$KEY` it would be the secret.
fn variable_name(variable: &str) -> String {
    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if variable.len() <= 64 && variable.chars().all(name) {
        format!("the variable {variable}")
    } else {
        "the variable".to_owned()
    }
}

/// Drops one line end, and refuses what can't be a value.
fn checked(field: &str, form: &str, what: &str, bytes: &[u8]) -> Result<SecretString, CliError> {
    let whole = bytes.strip_suffix(b"\n").map_or(bytes, |rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    let refuse = |problem: &str| {
        let message = if form.is_empty() {
            format!("the value of {} {problem}", shown(field))
        } else {
            format!("{what}, named for {} with `{form}`, {problem}", shown(field))
        };
        CliError::refused("value", message, "give the whole value, as text")
    };
    match std::str::from_utf8(whole) {
        Ok("") => Err(refuse("is empty")),
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(refuse("is not UTF-8")),
    }
}

/// Reads to the end. The buffer is never grown in place, which could leave a copy behind that nobody wipes.
fn read_all(mut from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; 8 * 1024]);
    let mut length = 0;
    loop {
        if length == buffer.len() {
            if length >= MOST {
                return Err(io::Error::other("it has more than 1 MiB"));
            }
            let mut larger = Zeroizing::new(vec![0; 2 * length]);
            for (to, byte) in larger.iter_mut().zip(buffer.iter()) {
                *to = *byte;
            }
            buffer = larger;
        }
        let free = buffer.get_mut(length..).unwrap_or_default();
        match from.read(free) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(length);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(texts: &[&str]) -> String {
        match parse(texts.iter().map(OsString::from).collect()) {
            Err(CliError::Refused(refusal)) => {
                assert_eq!((refusal.exit, refusal.code), (2, "usage"));
                format!("{}; {}", refusal.message, refusal.fix)
            }
            other => panic!("{texts:?}: {other:?}"),
        }
    }

    fn inline(text: &str) -> String {
        let mut settings = parse(vec![text.into()]).unwrap();
        match settings.pop() {
            Some(Setting { source: Source::Inline(value), .. }) => value.to_string(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_stands_after_the_equals_sign_is_in_no_error() {
        const CANARY: &str = "s3cr3t-canary";
        for text in [
            format!("{CANARY} with spaces"),
            format!("a b{CANARY}=x"),
            format!("api_key=@{CANARY}"),
            format!("api_key=@vault:{CANARY}"),
            format!("={CANARY}"),
            "czNjcjN0LWNhbmFyeQ==".to_owned(),
        ] {
            let error = refused(&[&text]);
            assert!(!error.contains(CANARY) && !error.contains("czNj"), "{text}: {error}");
            assert!(error.contains("@env:VAR") && error.contains("@file:PATH"), "{error}");
        }
    }

    #[test]
    fn an_error_names_the_field_and_which_set_it_is() {
        assert!(
            refused(&["a=@stdin", "api_key=@nonsense"])
                .starts_with("the second `--set` has an `@` form for `api_key`")
        );
        assert!(refused(&["api_key=x", "api_key=y"]).contains("gives `api_key` again"));
        assert!(refused(&["api_key=@env:"]).contains("names nothing after the `:` for `api_key`"));
    }

    #[test]
    fn a_literal_at_is_written_twice_and_the_rest_is_kept_as_it_is() {
        assert_eq!(inline("password=@@home"), "@home");
        assert_eq!(inline("password=a=b=@c "), "a=b=@c ");
    }

    #[test]
    fn one_line_end_is_dropped_and_no_more() {
        for (given, kept) in [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("x\r", "x\r")]
        {
            assert_eq!(checked("f", "", "", given.as_bytes()).unwrap().expose_secret(), kept);
        }
        for given in [&b""[..], b"\n", b"\r\n", b"\xff"] {
            assert!(checked("f", "", "", given).is_err());
        }
    }

    #[test]
    fn reading_is_complete_and_has_an_end() {
        let long: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(*read_all(&long[..]).unwrap(), long);
        assert!(read_all(io::repeat(1)).is_err());
    }
}
