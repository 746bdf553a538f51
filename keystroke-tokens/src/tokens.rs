//! [`Tokens`]: making, listing, revoking and checking the tokens of one file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use keystroke_core::{Clock as _, MonotonicClock};
use subtle::ConstantTimeEq as _;

use crate::bearer::{DIGEST_BYTES, GeneratedToken, PresentedToken, shown_id};
use crate::binding::Binding;
use crate::error::{Denied, TokenError};
use crate::file::{self, Snapshot, StoredToken, TokenRecord};
use crate::info::{NewToken, TokenInfo};

/// The tokens in `mcp-tokens.json` of a folder, which many processes may use at once. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use keystroke_tokens::{Binding, Tokens};
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
pub struct Tokens(Arc<TokenStore>);

struct TokenStore {
    file: PathBuf,
    clock: MonotonicClock,
    read: Mutex<Option<Arc<Snapshot>>>,
}

impl Tokens {
    /// The tokens in a folder. `keystroke tokens` keeps its own in keystroke's data folder.
    pub fn in_folder(folder: impl AsRef<Path>) -> Self {
        // The monotonic clock goes on when the system's is set back, even while nobody asks.
        let (began, start) = (SystemTime::now(), Instant::now());
        Self::with_clock(folder, move || {
            let now = SystemTime::now();
            began.checked_add(start.elapsed()).map_or(now, |least| least.max(now))
        })
    }

    /// The same with a clock of its own, for tests. When `now` goes back, the time of these tokens stands still until `now`
    /// has caught up.
    pub fn with_clock(
        folder: impl AsRef<Path>,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let file = folder.as_ref().join("mcp-tokens.json");
        Self(Arc::new(TokenStore { file, clock: MonotonicClock::new(now), read: Mutex::new(None) }))
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// Makes a token.
    ///
    /// # Errors
    /// The file can't be read or written, the system gives no random bytes, or the token would expire after the year 9999.
    /// Then there is no new token.
    pub fn create(
        &self,
        binding: Binding,
        label: Option<String>,
        expires_in: Option<Duration>,
    ) -> Result<NewToken, TokenError> {
        let now = whole_seconds(self.0.clock.now());
        let end = |time| now.checked_add(time).filter(|end| keystroke_files::is_rfc3339(*end));
        let expires_at =
            expires_in.map(|time| end(time).map(whole_seconds).ok_or(TokenError::TooFar)).transpose()?;
        let made = GeneratedToken::new()?;
        let info = TokenInfo { id: made.id, binding, label, created_at: now, expires_at, expired: false };
        file::change(&self.0.file, |records| {
            records.push(TokenRecord::new(&info, &made.digest));
            Ok(())
        })?;
        Ok(NewToken { token: made.token, info })
    }

    /// All tokens, expired ones too, oldest first.
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

    /// Takes a token away. The next request that shows it is refused.
    ///
    /// # Errors
    /// There is no such token, or the file can't be read or written.
    pub fn revoke(&self, id: &str) -> Result<TokenInfo, TokenError> {
        file::change(&self.0.file, |records| {
            let at = records.iter().position(|record| record.id == id);
            let at = at.ok_or_else(|| TokenError::NotFound { id: shown_id(id) })?;
            Ok(records.remove(at).info(&self.0.file)?.at(self.0.clock.now()))
        })
    }

    /// Whom this token lets a client act for. The file is looked at each time, so a change by another process counts from the
    /// next request on.
    ///
    /// # Errors
    /// The token is unknown or has expired, or the file can't be used.
    pub fn check(&self, token: &str) -> Result<TokenInfo, Denied> {
        // Read in any case, so that the clock never falls behind the time it has told once.
        let now = self.0.clock.now();
        let Some(PresentedToken { id, digest }) = PresentedToken::parse(token) else {
            return Err(Denied::Unknown);
        };
        let snapshot = self.snapshot().map_err(Denied::Store)?;
        let known = snapshot.tokens.iter().find(|known| known.info.id == id);
        // In constant time, and also when the id is unknown.
        let expected = known.map_or(&[0; DIGEST_BYTES], |known| &known.digest);
        let same = bool::from(expected.ct_eq(&digest));
        match known.filter(|_| same).map(|known| known.info.clone().at(now)) {
            Some(info) if info.expired => Err(Denied::Expired),
            Some(info) => Ok(info),
            None => Err(Denied::Unknown),
        }
    }

    /// Marks expired tokens in the file, so that they stay expired if the clock is set back before the next process starts. A
    /// server does this when it refuses one. Returns those that were newly marked.
    ///
    /// # Errors
    /// The file can't be read or written. This process refuses them all the same.
    pub fn mark_expired(&self) -> Result<Vec<TokenInfo>, TokenError> {
        let snapshot = self.snapshot()?;
        let now = self.0.clock.now();
        let is_new = |known: &StoredToken| !known.info.expired && known.info.clone().at(now).expired;
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

    /// What the file holds now. It is read only if it has changed.
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

/// A time as the file keeps it.
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
