//! Why a token is refused, why the file of tokens can't be used, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use keystroke_files::{in_shell, shown};

/// The newest version of the file's format: in it a token may be limited to tools, or marked as expired. It is written only
/// for such a token: a program that knows version 1 alone must not accept one, and can still read a file without any.
pub(crate) const NEWEST_VERSION: u32 = 2;

/// Why the tokens can't be read or changed. It never holds a token. `Display` is the problem and its fix, and so is `Debug`.
#[non_exhaustive]
pub enum TokenError {
    /// No token has this id.
    NotFound {
        /// The id; `…` for text that can't be one.
        id: String,
    },
    /// The file is not a list of tokens.
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A newer keystroke wrote the file.
    Newer {
        /// The file.
        file: PathBuf,
        /// The version of its format.
        version: u64,
    },
    /// Other users could have written the file, or could read it.
    NotPrivate {
        /// The file.
        file: PathBuf,
        /// Whose it is, or who may use it.
        problem: String,
    },
    /// Another process is changing the file.
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// The file can't be read or written.
    Io {
        /// The file.
        file: PathBuf,
        /// `read`, `written` or `locked`.
        verb: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The system gives no random bytes.
    NoRandomBytes(io::Error),
    /// The token would expire after the year 9999.
    TooFar,
}

impl TokenError {
    pub(crate) fn io(file: &Path, verb: &'static str, error: io::Error) -> Self {
        Self::Io { file: file.to_owned(), verb, error }
    }

    /// Everything there is to say of each: its code, the problem and the fix.
    fn facts(&self) -> (&'static str, String, String) {
        match self {
            Self::NotFound { id } => (
                "token_not_found",
                format!("there is no token `{id}`"),
                "look at the ids with `keystroke tokens list`".to_owned(),
            ),
            Self::Malformed { file, problem } => (
                "tokens_malformed",
                format!("{} is not a list of tokens: {problem}", shown(file)),
                format!(
                    "restore the file, or move it out of the way (`mv {0} {0}.old`) and make new tokens with `keystroke tokens create`",
                    in_shell(file)
                ),
            ),
            Self::Newer { file, version } => (
                "tokens_newer",
                format!(
                    "{} has version {version}, which a newer keystroke wrote: this program knows versions up to {NEWEST_VERSION}",
                    shown(file)
                ),
                "update this program to the version of the one that wrote the file".to_owned(),
            ),
            Self::NotPrivate { file, problem } => (
                "tokens_not_private",
                format!("{} {problem}", shown(file)),
                format!(
                    "make it a file of this user with `chown` and `chmod 600 {}`; if others could write it, revoke its tokens and make new ones",
                    in_shell(file)
                ),
            ),
            Self::Busy { file } => (
                "tokens_busy",
                format!("another process has been changing {} for too long", shown(file)),
                "try again; if it lasts, end the process that holds the lock file beside it".to_owned(),
            ),
            Self::Io { file, verb, error } => (
                "tokens_io",
                format!("{} cannot be {verb}: {error}", shown(file)),
                match *verb {
                    "read" => "make it a regular file that this user can read".to_owned(),
                    "locked" => format!(
                        "move what has its name out of the way (`mv {0} {0}.old`), or look at the folder's permissions and the free space of its disk",
                        in_shell(file)
                    ),
                    _ => "look at the folder's permissions and the free space of its disk".to_owned(),
                },
            ),
            Self::NoRandomBytes(error) => (
                "no_random_bytes",
                format!("the operating system gives no random bytes: {error}"),
                "run it on a system that has a source of random bytes".to_owned(),
            ),
            Self::TooFar => (
                "expiry_too_far",
                "a token cannot expire that far in the future".to_owned(),
                "give a shorter time, such as `30d`, or none".to_owned(),
            ),
        }
    }

    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.facts().1
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        self.facts().2
    }

    /// Whether the same may work a little later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, problem, fix) = self.facts();
        write!(f, "{problem}. To fix it, {fix}")
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TokenError {}

/// Why a token is refused. `Display` is the problem and its fix, and so is `Debug`.
#[non_exhaustive]
pub enum Denied {
    /// There is no such token: it never was one, or it was revoked.
    Unknown,
    /// The token has expired.
    Expired,
    /// The file can't be used, so no token is accepted.
    Store(TokenError),
}

impl Denied {
    fn facts(&self) -> (&'static str, String, String) {
        let another = || "make another with `keystroke tokens create`".to_owned();
        match self {
            Self::Unknown => ("token_unknown", "the token is not valid".to_owned(), another()),
            Self::Expired => ("token_expired", "the token has expired".to_owned(), another()),
            Self::Store(error) => error.facts(),
        }
    }

    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        self.facts().1
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        self.facts().2
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, problem, fix) = self.facts();
        write!(f, "{problem}. To fix it, {fix}")
    }
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Denied {}
