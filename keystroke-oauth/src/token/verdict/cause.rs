//! Why a verdict is what it is, in words that may be shown: no cause repeats a body, an address or a secret.

use std::fmt;

use keystroke_files::holds_secret;

/// The longest error code that is shown. The standard's have at most 25 letters.
const LONGEST_CODE: usize = 64;
/// The longest word in a code that is shown. Tokens have longer ones, codes don't: `credentials`, `AADSTS700082`.
const LONGEST_WORD: usize = 20;

/// What happened to a token request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Nothing reached the provider: a refresh token is as good as before.
    NotSent(String),
    /// No whole answer came. The provider may have acted on the request.
    NoAnswer(String),
    /// The provider answered with this status.
    Status(u16),
    /// The provider answered with this error code.
    Code(ErrorCode),
    /// The provider answered with a redirect, which is never followed.
    Redirect(u16),
    /// The answer is no JSON, nor a form.
    Unreadable(u16),
    /// The answer is a success without a token.
    NoToken(u16),
    /// The answer is longer than 1 MiB.
    TooLong,
}

impl Cause {
    /// Whether the request may have reached the provider, so that a refresh token that works once may be spent.
    pub const fn was_sent(&self) -> bool {
        !matches!(self, Self::NotSent(_))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(reason) => write!(f, "the provider can't be reached: {reason}"),
            Self::NoAnswer(reason) => write!(f, "the provider did not answer: {reason}"),
            Self::Status(status) => write!(f, "the provider answered with status {status}"),
            Self::Code(code) => write!(f, "the provider answered `{code}`"),
            Self::Redirect(status) => {
                write!(f, "the provider answered with a redirect ({status}), which is not followed")
            }
            Self::Unreadable(status) => {
                write!(f, "the provider's answer (status {status}) is neither JSON nor a form")
            }
            Self::NoToken(status) => write!(f, "the provider's answer (status {status}) has no access token"),
            Self::TooLong => f.write_str("the provider's answer is longer than 1 MiB"),
        }
    }
}

/// An error code as it may be shown. One that looks like anything else is `…`: a provider, or who forged a callback, could
/// put any text there.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorCode(String);

impl ErrorCode {
    pub(crate) fn new(code: &str) -> Self {
        let is_between = |c: char| "_-.: ".contains(c);
        let is_word =
            |word: &str| word.len() <= LONGEST_WORD && word.chars().all(|c| c.is_ascii_alphanumeric());
        let shown = code.len() <= LONGEST_CODE && code.split(is_between).all(is_word) && !holds_secret(code);
        Self(if shown { code.to_owned() } else { "…".to_owned() })
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
