//! The types of a refusal; the texts stand where each is found. A message says what is wrong, the fix says what to do, and neither ever holds a secret. Exit
//! code 2 means that the command line can't be understood, 1 that the command can't be done.

use keystroke_core::ResolveError;
#[cfg(feature = "oauth")]
use keystroke_oauth::{NoHttp, ProviderError};
use keystroke_tokens::TokenError;
use keystroke_vault::VaultError;

/// Why a command ends without its work done.
#[derive(Debug)]
pub(crate) enum CliError {
    /// clap's own: its usage errors, and the texts of `--help` and `--version`, which refuse nothing.
    Clap {
        /// For people.
        error: Box<clap::Error>,
        /// The same for programs.
        refusal: Option<Refusal>,
    },
    /// Ours.
    Refused(Refusal),
    /// Nobody reads the output any more. That is the reader's right, not a failure.
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
}

/// Refusals that are told together, so that nobody fixes one only to meet the next.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<Refusal>);

impl Refusals {
    pub(crate) fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// Refuses with all of them as one, if there are any; the worst gives code and exit code.
    pub(crate) fn into_result(self) -> Result<(), CliError> {
        let mut fixes: Vec<&str> = Vec::new();
        for refusal in &self.0 {
            if !fixes.contains(&refusal.fix.as_str()) {
                fixes.push(&refusal.fix);
            }
        }
        let fix = fixes.join("; ");
        let message = self.0.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>().join("; ");
        match self.0.into_iter().reduce(|a, b| if b.exit > a.exit { b } else { a }) {
            None => Ok(()),
            Some(worst) => Err(Refusal { message, fix, ..worst }.into()),
        }
    }
}

impl FromIterator<Refusal> for Refusals {
    fn from_iter<I: IntoIterator<Item = Refusal>>(refusals: I) -> Self {
        Self(refusals.into_iter().collect())
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

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}

impl From<TokenError> for CliError {
    fn from(error: TokenError) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}

#[cfg(feature = "oauth")]
impl From<ProviderError> for CliError {
    fn from(error: ProviderError) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}

#[cfg(feature = "oauth")]
impl From<NoHttp> for CliError {
    fn from(error: NoHttp) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}

impl From<&ResolveError> for CliError {
    fn from(error: &ResolveError) -> Self {
        Self::refused(error.code(), error.problem(), error.fix())
    }
}
