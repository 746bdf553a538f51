//! What goes wrong with the file of tokens, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the tokens can't be read or changed. No token is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is no token with this id.
    #[error("there is no token `{id}`")]
    NotFound {
        /// The id; `…` for what can't be one.
        id: String,
    },
    /// The file is there, and is no list of tokens.
    #[error("{} is no list of tokens: {problem}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Others could have written it, or could read it.
    #[error("{} {problem}", file.display())]
    NotPrivate {
        /// The file.
        file: PathBuf,
        /// Whose it is, or who may use it.
        problem: String,
    },
    /// Another process is changing it.
    #[error("another process has been changing {} for too long", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// It can't be read or written.
    #[error("{} cannot be {verb}: {error}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// `read` or `written`.
        verb: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    NoRandomBytes(getrandom::Error),
    /// A time that no clock will reach.
    #[error("a token cannot expire that far in the future")]
    TooFar,
}

impl TokenError {
    pub(super) fn io(file: &Path, verb: &'static str, error: io::Error) -> Self {
        Self::Io { file: file.to_owned(), verb, error }
    }

    /// A stable word for each.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "token_not_found",
            Self::Malformed { .. } => "tokens_malformed",
            Self::NotPrivate { .. } => "tokens_not_private",
            Self::Busy { .. } => "tokens_busy",
            Self::Io { .. } => "tokens_io",
            Self::NoRandomBytes(_) => "no_random_bytes",
            Self::TooFar => "expiry_too_far",
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound { .. } => "look at the ids with `keystroke tokens list`".to_owned(),
            Self::Malformed { file, .. } => format!(
                "restore the file, or remove it (`rm {}`) and make the tokens anew with `keystroke tokens create`",
                file.display()
            ),
            Self::NotPrivate { file, .. } => format!(
                "make it a file of this user with `chown` and `chmod 600 {}`; if others could write it, make the tokens anew",
                file.display()
            ),
            Self::Busy { .. } => {
                "try again; if it lasts, end the process that holds the lock file beside it".to_owned()
            }
            Self::Io { verb: "read", .. } => "make it a regular file that this user can read".to_owned(),
            Self::Io { .. } => "look at the folder's permissions and the free space of its disk".to_owned(),
            Self::NoRandomBytes(_) => "run it on a system that has a source of random bytes".to_owned(),
            Self::TooFar => "give a shorter time, such as `30d`, or none".to_owned(),
        }
    }

    /// Whether the same may work a little later.
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}
