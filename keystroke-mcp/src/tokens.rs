//! The tokens that HTTP clients show: who a token lets a client act for, and the file that knows them.
//!
//! A token is 32 random bytes. The file holds its SHA-256 and nothing that it could be had back from, so who reads the
//! file can't call anything. It needs no salt and no slow hash: there is nothing to guess in 256 random bits.

mod error;
mod file;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use keystroke_core::SecretString;
use serde::Serialize;
use subtle::ConstantTimeEq as _;

pub use error::TokenError;
use file::{Record, Snapshot};
use text::{DIGEST_BYTES, Parts};

/// The end of the year 9999, after which times have no text.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Who the calls of a client act for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Binding {
    /// The organization.
    pub organization: String,
    /// The project.
    pub project: String,
    /// The user, if there is one.
    pub user: Option<String>,
}

impl Binding {
    /// An organization and one of its projects, without a user.
    pub fn new(organization: impl Into<String>, project: impl Into<String>) -> Self {
        Self { organization: organization.into(), project: project.into(), user: None }
    }

    /// The same for a user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "organization {}, project {}", self.organization, self.project)?;
        match &self.user {
            Some(user) => write!(f, ", user {user}"),
            None => f.write_str(", no user"),
        }
    }
}

/// What is known of a token; not the token itself, which nobody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Names the token: for `revoke`, and in logs.
    pub id: String,
    /// Who it lets a client act for.
    pub binding: Binding,
    /// What it is for, as its maker put it.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: SystemTime,
    /// From when on it is refused.
    pub expires_at: Option<SystemTime>,
}

impl TokenInfo {
    fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A token that was made just now. This is the only time that it is seen.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// What the client sends: `kst_<id>_<secret>`.
    pub token: SecretString,
    /// What is kept of it.
    pub info: TokenInfo,
}

/// Why a token is not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum Denied {
    /// There is no such token, or no longer.
    Unknown,
    /// Its time is over.
    Expired,
    /// The file can't be used, so nobody is let in.
    Store(TokenError),
}

/// The tokens in `mcp-tokens.json` of a folder, which many processes may use at once. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use keystroke_mcp::{Binding, Tokens};
///
/// let tokens = Tokens::in_folder(folder.path());
/// let made = tokens.create(Binding::new("acme", "research"), Some("the CI".into()), None)?;
/// let known = tokens.check(made.token.expose_secret()).map_err(|_| "it was made just now")?;
/// assert_eq!(known.binding, Binding::new("acme", "research"));
/// tokens.revoke(&known.id)?;
/// assert!(tokens.check(made.token.expose_secret()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    file: PathBuf,
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    read: Mutex<Option<Arc<Snapshot>>>,
}

impl Tokens {
    /// The tokens in a folder: keystroke's data folder, for those that `keystroke tokens` makes.
    pub fn in_folder(folder: impl AsRef<Path>) -> Self {
        Self::with_clock(folder, SystemTime::now)
    }

    /// The same, with the time from `now`; for tests that hold it in their hand.
    pub fn with_clock(
        folder: impl AsRef<Path>,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let file = folder.as_ref().join("mcp-tokens.json");
        Self(Arc::new(Inner { file, now: Box::new(now), read: Mutex::new(None) }))
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// Makes a token.
    ///
    /// # Errors
    /// The file can't be read or written, or the system gives no random bytes. Then there is no new token.
    pub fn create(
        &self,
        binding: Binding,
        label: Option<String>,
        expires_in: Option<Duration>,
    ) -> Result<NewToken, TokenError> {
        let now = whole_seconds((self.0.now)());
        let end = |time| now.checked_add(time).filter(|end| *end <= SystemTime::UNIX_EPOCH + LAST);
        let expires_at =
            expires_in.map(|time| end(time).map(whole_seconds).ok_or(TokenError::TooFar)).transpose()?;
        let made = text::make()?;
        let info = TokenInfo { id: made.id, binding, label, created_at: now, expires_at };
        file::change(&self.0.file, |records| {
            records.push(Record::new(&info, &made.digest));
            Ok(())
        })?;
        Ok(NewToken { token: made.token, info })
    }

    /// All tokens, those that have expired too, in the order in which they were made.
    ///
    /// # Errors
    /// The file is there but can't be used.
    pub fn list(&self) -> Result<Vec<TokenInfo>, TokenError> {
        Ok(self.snapshot()?.tokens.iter().map(|known| known.info.clone()).collect())
    }

    /// How many tokens there are that have not expired.
    ///
    /// # Errors
    /// The file is there but can't be used.
    pub fn usable(&self) -> Result<usize, TokenError> {
        let now = (self.0.now)();
        Ok(self.snapshot()?.tokens.iter().filter(|known| !known.info.is_expired(now)).count())
    }

    /// Takes a token away: the next request that shows it is refused.
    ///
    /// # Errors
    /// There is no such token, or the file can't be read or written.
    pub fn revoke(&self, id: &str) -> Result<TokenInfo, TokenError> {
        file::change(&self.0.file, |records| {
            let at = records.iter().position(|record| record.id == id);
            let at = at.ok_or_else(|| TokenError::NotFound { id: text::shown(id) })?;
            records.remove(at).info(&self.0.file)
        })
    }

    /// Who this token lets a client act for. The file is looked at each time, so what another process has changed holds
    /// from the next request on.
    ///
    /// # Errors
    /// The token is not known or has expired, or the file can't be used.
    pub fn check(&self, token: &str) -> Result<TokenInfo, Denied> {
        let Some(Parts { id, digest }) = Parts::of(token) else { return Err(Denied::Unknown) };
        let snapshot = self.snapshot().map_err(Denied::Store)?;
        let known = snapshot.tokens.iter().find(|known| known.info.id == id);
        // Compared in constant time, and with something in any case.
        let expected = known.map_or(&[0; DIGEST_BYTES], |known| &known.digest);
        let same = bool::from(expected.ct_eq(&digest));
        match known {
            Some(known) if same && known.info.is_expired((self.0.now)()) => Err(Denied::Expired),
            Some(known) if same => Ok(known.info.clone()),
            _ => Err(Denied::Unknown),
        }
    }

    /// What the file holds now: as it was read before, if it is the same still.
    fn snapshot(&self) -> Result<Arc<Snapshot>, TokenError> {
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = read.as_ref().filter(|snapshot| snapshot.is_current(&self.0.file)) {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(Snapshot::read(&self.0.file)?);
        *read = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

/// As the file keeps times.
fn whole_seconds(at: SystemTime) -> SystemTime {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()),
        Err(_) => SystemTime::UNIX_EPOCH,
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokens").field(&self.0.file).finish()
    }
}
