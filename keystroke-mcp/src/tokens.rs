//! The tokens that HTTP clients show: who a token lets a client act for, and the file that knows them.
//!
//! A token is 32 random bytes. The file holds its SHA-256 and nothing that it could be had back from, so who reads the
//! file can't call anything. It needs no salt and no slow hash: there is nothing to guess in 256 random bits.

mod error;
mod file;
mod text;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use keystroke_core::{Clock as _, MonotonicClock, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

pub use error::TokenError;
use file::{Known, Record, Snapshot};
use text::{DIGEST_BYTES, Parts};

/// The end of the year 9999, after which times have no text.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Who the calls of a client act for, and which tools they may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Binding {
    /// The organization.
    pub organization: String,
    /// The project.
    pub project: String,
    /// The user, if there is one.
    pub user: Option<String>,
    /// The tools that the client is limited to, if it is.
    pub tools: Option<BTreeSet<String>>,
}

impl Binding {
    /// An organization and one of its projects, without a user.
    pub fn new(organization: impl Into<String>, project: impl Into<String>) -> Self {
        Self { organization: organization.into(), project: project.into(), user: None, tools: None }
    }

    /// The same for a user.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The same for these tools alone, by name. To its client a server has no others.
    #[must_use]
    pub fn tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.tools = Some(tools.into_iter().map(Into::into).collect());
        self
    }

    /// Whether it allows a tool of this name.
    pub fn allows(&self, tool: &str) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.contains(tool))
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "organization {}, project {}", self.organization, self.project)?;
        match &self.user {
            Some(user) => write!(f, ", user {user}")?,
            None => f.write_str(", no user")?,
        }
        let Some(tools) = &self.tools else { return Ok(()) };
        f.write_str(", with no tool but ")?;
        for (index, tool) in tools.iter().enumerate() {
            write!(f, "{}`{tool}`", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
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
    /// Whether it is refused because its time is over. Once a server has refused it, it stays so, whatever a clock says.
    pub expired: bool,
}

impl TokenInfo {
    /// As it is at this time.
    fn at(mut self, now: SystemTime) -> Self {
        self.expired |= self.expires_at.is_some_and(|end| end <= now);
        self
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
#[non_exhaustive]
pub enum Denied {
    /// There is no such token, or no longer.
    Unknown,
    /// Its time is over.
    Expired,
    /// The file can't be used, so nobody is let in.
    Store(TokenError),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ANEW: &str = "To fix it, make another with `keystroke tokens create`";
        match self {
            Self::Unknown => write!(f, "the token is not valid. {ANEW}"),
            Self::Expired => write!(f, "the token has expired. {ANEW}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Denied {}

/// The tokens in `mcp-tokens.json` of a folder, which many processes may use at once. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use keystroke_mcp::{Binding, Tokens};
///
/// let tokens = Tokens::in_folder(folder.path());
/// let made = tokens.create(Binding::new("acme", "research"), Some("the CI".into()), None)?;
/// let known = tokens.check(made.token.expose_secret())?;
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
    clock: MonotonicClock,
    read: Mutex<Option<Arc<Snapshot>>>,
}

impl Tokens {
    /// The tokens in a folder: keystroke's data folder, for those that `keystroke tokens` makes.
    pub fn in_folder(folder: impl AsRef<Path>) -> Self {
        // The monotonic clock goes on where the system's is set back, also while nobody asks.
        let (began, start) = (SystemTime::now(), Instant::now());
        Self::with_clock(folder, move || {
            let now = SystemTime::now();
            began.checked_add(start.elapsed()).map_or(now, |least| least.max(now))
        })
    }

    /// The same, with the time from `now`; for tests that hold it in their hand. Where it goes back, the time of these tokens
    /// stands until it is past again.
    pub fn with_clock(
        folder: impl AsRef<Path>,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let file = folder.as_ref().join("mcp-tokens.json");
        Self(Arc::new(Inner { file, clock: MonotonicClock::new(now), read: Mutex::new(None) }))
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
        let now = whole_seconds(self.0.clock.now());
        let end = |time| now.checked_add(time).filter(|end| *end <= SystemTime::UNIX_EPOCH + LAST);
        let expires_at =
            expires_in.map(|time| end(time).map(whole_seconds).ok_or(TokenError::TooFar)).transpose()?;
        let made = text::make()?;
        let info = TokenInfo { id: made.id, binding, label, created_at: now, expires_at, expired: false };
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
        let now = self.0.clock.now();
        Ok(self.snapshot()?.tokens.iter().map(|known| known.info.clone().at(now)).collect())
    }

    /// How many tokens there are that have not expired.
    ///
    /// # Errors
    /// The file is there but can't be used.
    pub fn usable(&self) -> Result<usize, TokenError> {
        Ok(self.list()?.iter().filter(|info| !info.expired).count())
    }

    /// Takes a token away: the next request that shows it is refused.
    ///
    /// # Errors
    /// There is no such token, or the file can't be read or written.
    pub fn revoke(&self, id: &str) -> Result<TokenInfo, TokenError> {
        file::change(&self.0.file, |records| {
            let at = records.iter().position(|record| record.id == id);
            let at = at.ok_or_else(|| TokenError::NotFound { id: text::shown(id) })?;
            Ok(records.remove(at).info(&self.0.file)?.at(self.0.clock.now()))
        })
    }

    /// Who this token lets a client act for. The file is looked at each time, so what another process has changed holds
    /// from the next request on.
    ///
    /// # Errors
    /// The token is not known or has expired, or the file can't be used.
    pub fn check(&self, token: &str) -> Result<TokenInfo, Denied> {
        // Read in any case: what it has told once is what it does not fall behind again.
        let now = self.0.clock.now();
        let Some(Parts { id, digest }) = Parts::of(token) else { return Err(Denied::Unknown) };
        let snapshot = self.snapshot().map_err(Denied::Store)?;
        let known = snapshot.tokens.iter().find(|known| known.info.id == id);
        // Compared in constant time, and with something in any case.
        let expected = known.map_or(&[0; DIGEST_BYTES], |known| &known.digest);
        let same = bool::from(expected.ct_eq(&digest));
        match known.filter(|_| same).map(|known| known.info.clone().at(now)) {
            Some(info) if info.expired => Err(Denied::Expired),
            Some(info) => Ok(info),
            None => Err(Denied::Unknown),
        }
    }

    /// Has it in the file which tokens have expired, so that they stay so where the clock is set back before the next
    /// process asks it. A server does so when it refuses one.
    ///
    /// # Errors
    /// The file can't be read or written. They are refused all the same, as long as this process runs.
    pub fn mark_expired(&self) -> Result<Vec<TokenInfo>, TokenError> {
        let snapshot = self.snapshot()?;
        let now = self.0.clock.now();
        let is_new = |known: &Known| !known.info.expired && known.info.clone().at(now).expired;
        if !snapshot.tokens.iter().any(is_new) || snapshot.marking.swap(true, Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        file::change(&self.0.file, |records| {
            let mut marked = Vec::new();
            for record in records {
                let info = record.info(&self.0.file)?.at(now);
                if info.expired && record.mark_expired() {
                    marked.push(info);
                }
            }
            Ok(marked)
        })
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
        f.debug_tuple("Tokens").field(&keystroke_files::shown(&self.0.file)).finish()
    }
}
