//! clap's errors, without what the user typed where that may be a secret.
//!
//! A slip such as `--set api_key= sk-123`, or an unquoted value with a space, makes an argument of a secret, and clap
//! would print it back, into logs of CI jobs for instance.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Refusal;

/// Whether `--json` is among the arguments, for errors that clap meets before it is parsed.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

/// The same error, with `…` for an argument that nobody asked for.
pub(crate) fn without_values(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return error };
    let name = argument.split('=').next().unwrap_or_default().to_owned();
    if is_flag(&name) {
        error.insert(ContextKind::InvalidArg, ContextValue::String(name));
        return error;
    }
    error.insert(ContextKind::InvalidArg, ContextValue::String("…".to_owned()));
    // clap's own tip repeats the argument.
    let tip = "it is not shown because it may be a secret; values with spaces need quotes";
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    error
}

/// Whether it looks like the name of a flag and like nothing else.
fn is_flag(name: &str) -> bool {
    let word = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match name.strip_prefix("--") {
        Some(long) => long.len() <= 20 && word(long),
        None => name.starts_with('-') && name.chars().count() <= 2,
    }
}

/// The error as a refusal, for `--json`.
pub(crate) fn refusal(error: &clap::Error) -> Refusal {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let message = text.split("\n\n").next().unwrap_or_default();
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    Refusal {
        exit: u8::try_from(error.exit_code()).unwrap_or(2),
        code: "usage",
        message,
        fix: "run the command with `--help` to see what it takes".to_owned(),
    }
}
