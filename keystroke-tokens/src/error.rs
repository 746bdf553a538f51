//! What goes wrong with the file of tokens, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use keystroke_files::{in_shell, shown};

/// Why the tokens can't be read or changed. No token is in it. `Display` is the problem and its fix, and so is `Debug`.
#[non_exhaustive]
pub enum TokenError {
    /// There is no token with this id.
    NotFound {
        /// The id; `…` for what can't be one.
        id: String,
    },
    /// The file is there, and is no list of tokens.
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A newer keystroke wrote it.
    Newer {
        /// The file.
        file: PathBuf,
        /// The version of its format.
        version: u64,
    },
    /// Others could have written it, or could read it.
    NotPrivate {
        /// The file.
        file: PathBuf,
        /// Whose it is, or who may use it.
        problem: String,
    },
    /// Another process is changing it.
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// It can't be read or written.
    Io {
        /// The file.
        file: PathBuf,
        /// `read`, `written` or `locked`.
        verb: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The system gives no random bytes.
    NoRandomBytes(getrandom::Error),
    /// A time that no clock will reach.
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
            Self::Newer { .. } => "tokens_newer",
            Self::NotPrivate { .. } => "tokens_not_private",
            Self::Busy { .. } => "tokens_busy",
            Self::Io { .. } => "tokens_io",
            Self::NoRandomBytes(_) => "no_random_bytes",
            Self::TooFar => "expiry_too_far",
        }
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        match self {
            Self::NotFound { id } => format!("there is no token `{id}`"),
            Self::Malformed { file, problem } => {
                format!("{} is no list of tokens: {problem}", shown(file))
            }
            Self::Newer { file, version } => format!(
                "{} has version {version}, which a newer keystroke wrote: this program knows versions up to {}",
                shown(file),
                super::file::NEWEST
            ),
            Self::NotPrivate { file, problem } => format!("{} {problem}", shown(file)),
            Self::Busy { file } => {
                format!("another process has been changing {} for too long", shown(file))
            }
            Self::Io { file, verb, error } => format!("{} cannot be {verb}: {error}", shown(file)),
            Self::NoRandomBytes(error) => format!("the operating system gives no random bytes: {error}"),
            Self::TooFar => "a token cannot expire that far in the future".to_owned(),
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound { .. } => "look at the ids with `keystroke tokens list`".to_owned(),
            Self::Malformed { file, .. } => format!(
                "restore the file, or move it out of the way (`mv {0} {0}.old`) and make the tokens anew with `keystroke tokens create`",
                in_shell(file)
            ),
            Self::Newer { .. } => {
                "update this program to the version of the one that wrote the file".to_owned()
            }
            Self::NotPrivate { file, .. } => format!(
                "make it a file of this user with `chown` and `chmod 600 {}`; if others could write it, make the tokens anew",
                in_shell(file)
            ),
            Self::Busy { .. } => {
                "try again; if it lasts, end the process that holds the lock file beside it".to_owned()
            }
            Self::Io { verb: "read", .. } => "make it a regular file that this user can read".to_owned(),
            Self::Io { file, verb: "locked", .. } => format!(
                "move what has its name out of the way (`mv {0} {0}.old`), or look at the folder's permissions and the free space of its disk",
                in_shell(file)
            ),
            Self::Io { .. } => "look at the folder's permissions and the free space of its disk".to_owned(),
            Self::NoRandomBytes(_) => "run it on a system that has a source of random bytes".to_owned(),
            Self::TooFar => "give a shorter time, such as `30d`, or none".to_owned(),
        }
    }

    /// Whether the same may work a little later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TokenError {}
