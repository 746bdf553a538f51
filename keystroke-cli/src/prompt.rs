//! Questions on a terminal. Without one nothing is ever asked: the caller refuses and names the flag that answers.

use std::io::{self, IsTerminal as _};

use inquire::error::InquireError;
use inquire::{Confirm, Password};
use keystroke_core::SecretString;

use crate::error::CliError;

/// Whether there is someone to ask: questions are shown on stderr and answered on stdin.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a secret without showing it.
pub(crate) fn secret(question: &str) -> Result<SecretString, CliError> {
    let answer = Password::new(question)
        .without_confirmation()
        .with_help_message("what you type or paste is not shown")
        .prompt();
    answer.map(SecretString::from).map_err(|error| unanswered(&error))
}

/// Asks whether to go on. The answer of one who just presses return is no.
pub(crate) fn confirm(question: &str) -> Result<bool, CliError> {
    Confirm::new(question).with_default(false).prompt().map_err(|error| unanswered(&error))
}

fn unanswered(error: &InquireError) -> CliError {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => CliError::refused(
            "cancelled",
            "cancelled; nothing was changed",
            "run it again when you are ready",
        ),
        other => CliError::refused(
            "prompt",
            format!("the question cannot be asked on this terminal: {other}"),
            "give the value with `--set <field>=@stdin`, `@env:VAR` or `@file:PATH`",
        ),
    }
}
