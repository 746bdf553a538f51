//! Why a command was refused. The message says what is wrong, the fix what to do about it, and neither ever holds a
//! secret. Exit code 2 is a command line that can't be understood, 1 one that can't be done.

use keystroke_core::ResolveError;
use keystroke_tokens::TokenError;
use keystroke_vault::VaultError;

/// Why a command ends without its work done.
#[derive(Debug)]
pub(crate) enum CliError {
    /// clap's own: its usage errors, and the texts of `--help` and `--version`.
    Clap(Box<clap::Error>),
    /// Ours.
    Refused(Refusal),
    /// Nobody reads the output any more. That is the reader's right, and no failure.
    Closed,
}

/// What the user is told.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The exit code.
    pub(crate) exit: u8,
    /// A stable word.
    pub(crate) code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub(crate) message: String,
    /// What to do: one command or one step.
    pub(crate) fix: String,
}

impl Refusal {
    /// The command can't be done.
    pub(crate) fn new(code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { exit: 1, code, message: message.into(), fix: fix.into() }
    }

    /// The command line can't be understood.
    pub(crate) fn usage(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { exit: 2, ..Self::new("usage", message, fix) }
    }

    /// Several as one, so that nobody mends one only to meet the next; the worst gives code and exit code.
    pub(crate) fn all(refusals: Vec<Self>) -> Option<Self> {
        let mut fixes: Vec<String> = Vec::new();
        let messages: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        let message = messages.join("; ");
        for refusal in &refusals {
            if !fixes.contains(&refusal.fix) {
                fixes.push(refusal.fix.clone());
            }
        }
        let worst = refusals.into_iter().reduce(|a, b| if b.exit > a.exit { b } else { a })?;
        Some(Self { message, fix: fixes.join("; "), ..worst })
    }
}

impl CliError {
    /// The command can't be done.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, message, fix))
    }

    /// The command line can't be understood.
    pub(crate) fn usage(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused(Refusal::usage(message, fix))
    }
}

impl From<clap::Error> for CliError {
    fn from(error: clap::Error) -> Self {
        Self::Clap(Box::new(error))
    }
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let fix = error.fix();
        Self::refused(error.code(), without_fix(&error.to_string(), &fix), fix)
    }
}

impl From<TokenError> for CliError {
    fn from(error: TokenError) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}

/// The texts of core and vault end with their fix; here it has a line of its own.
pub(crate) fn without_fix(text: &str, fix: &str) -> String {
    text.strip_suffix(fix).and_then(|rest| rest.strip_suffix(". To fix it, ")).unwrap_or(text).to_owned()
}

impl From<&ResolveError> for CliError {
    fn from(error: &ResolveError) -> Self {
        let fix = error.fix();
        Self::refused(error.code(), without_fix(&error.to_string(), &fix), fix)
    }
}
