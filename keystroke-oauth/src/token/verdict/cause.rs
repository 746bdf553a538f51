//! Why a verdict is what it is, in words that may be shown: no cause repeats a body, an address or a secret.

use std::fmt;

use keystroke_files::holds_secret;
use url::Url;

use crate::http::Answer as HttpAnswer;
use crate::token::secrets::Secrets;

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
    Redirect {
        /// The status.
        status: u16,
        /// The host that it leads to, if it names another one that may be shown.
        host: Option<String>,
    },
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

    /// A redirect, with the host that it leads to unless that repeats a secret.
    pub(crate) fn redirect(answer: &HttpAnswer, secrets: &Secrets) -> Self {
        let location = answer.header("location").and_then(|location| Url::parse(location).ok());
        let host = location.as_ref().and_then(shown_host).filter(|host| !secrets.are_in(host));
        Self::Redirect { status: answer.status, host }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(reason) => write!(f, "the provider can't be reached: {reason}"),
            Self::NoAnswer(reason) => write!(f, "the provider did not answer: {reason}"),
            Self::Status(status) => write!(f, "the provider answered with status {status}"),
            Self::Code(code) => write!(f, "the provider answered `{code}`"),
            Self::Redirect { status, host: None } => {
                write!(f, "the provider answered with a redirect ({status}), which is not followed")
            }
            Self::Redirect { status, host: Some(host) } => {
                write!(f, "the provider answered with a redirect ({status}) to {host}, which is not followed")
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
        if is_plain(code) { Self(code.to_owned()) } else { Self::hidden() }
    }

    pub(crate) fn hidden() -> Self {
        Self("…".to_owned())
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

/// Whether it is made of words as codes and hosts are.
fn is_plain(text: &str) -> bool {
    let words = || text.split(|c: char| "_-.: ".contains(c));
    let is_word = |word: &str| word.len() <= LONGEST_WORD && word.bytes().all(|c| c.is_ascii_alphanumeric());
    let is_mixed = |word: &&str| {
        word.bytes().any(|c| c.is_ascii_digit()) && word.bytes().any(|c| c.is_ascii_alphabetic())
    };
    // A code has one number, if any. A UUID has letters and digits in most of its parts.
    text.len() <= LONGEST_CODE
        && words().all(is_word)
        && words().filter(is_mixed).count() < 2
        && !holds_secret(text)
}

/// The host of a URL, if it may be shown: whoever names a host could put a secret into its name.
pub(crate) fn shown_host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    is_plain(&host).then_some(host)
}
