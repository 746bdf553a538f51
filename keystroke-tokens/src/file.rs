//! The file of tokens, `mcp-tokens.json`: read whole, replaced whole, for this user alone.
//!
//! A change writes a new file and renames it over the old one, so a reader sees all of the one or all of the other.
//! Processes that change it take turns by a lock file beside it.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use keystroke_files::{FileLock, LockError, NotOpened};
use serde::{Deserialize, Serialize};

use crate::bearer::{DIGEST_BYTES, decode_digest, encode_digest, shown_id};
use crate::binding::Binding;
use crate::error::{NEWEST_VERSION, TokenError};
use crate::info::TokenInfo;

/// The first version of the format, which every program reads.
const VERSION: u32 = 1;
/// Room for thousands of tokens. A longer file is a mistake, or an attack on the memory.
const MOST: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Read first, by itself: the rest of a newer version is unknown.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    tokens: Vec<TokenRecord>,
}

/// A token as the file has it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRecord {
    pub(crate) id: String,
    /// The SHA-256 of the secret.
    sha256: String,
    organization: String,
    project: String,
    user: Option<String>,
    label: Option<String>,
    created_at: String,
    expires_at: Option<String>,
    /// The only tools it is good for, if it is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tools: Option<BTreeSet<String>>,
    /// A server has refused it as expired, and no clock makes it valid again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expired: bool,
}

impl TokenRecord {
    pub(crate) fn new(info: &TokenInfo, digest: &[u8; DIGEST_BYTES]) -> Self {
        let Binding { organization, project, user, tools } = info.binding.clone();
        let time = |time| humantime::format_rfc3339_seconds(time).to_string();
        Self {
            id: info.id.clone(),
            sha256: encode_digest(digest),
            organization,
            project,
            user,
            label: info.label.clone(),
            created_at: time(info.created_at),
            expires_at: info.expires_at.map(time),
            tools,
            expired: info.expired,
        }
    }

    /// The oldest version of the format that can hold it.
    const fn version(&self) -> u32 {
        if self.tools.is_some() || self.expired { NEWEST_VERSION } else { VERSION }
    }

    /// Marks it as expired. `true` if it was not marked before.
    pub(crate) fn mark_expired(&mut self) -> bool {
        !std::mem::replace(&mut self.expired, true)
    }

    pub(crate) fn info(&self, file: &Path) -> Result<TokenInfo, TokenError> {
        let time = |text: &str| {
            humantime::parse_rfc3339(text).map_err(|_| {
                malformed(file, format!("the token `{}` has a malformed time", shown_id(&self.id)))
            })
        };
        let created_at = time(&self.created_at)?;
        let expires_at: Option<SystemTime> = self.expires_at.as_deref().map(time).transpose()?;
        let Self { id, organization, project, user, tools, label, expired, .. } = self.clone();
        let binding = Binding { organization, project, user, tools };
        Ok(TokenInfo { id, binding, label, created_at, expires_at, expired })
    }
}

/// A token as it is compared with what a client shows.
pub(crate) struct StoredToken {
    pub(crate) info: TokenInfo,
    pub(crate) digest: [u8; DIGEST_BYTES],
}

/// What the file held when it was read.
pub(crate) struct Snapshot {
    pub(crate) tokens: Vec<StoredToken>,
    /// Kept open, so that no other file can get its inode.
    origin: Option<(File, Stamp)>,
    /// Marking of expired tokens has begun: a client that shows one again and again causes one write.
    pub(crate) marking: AtomicBool,
}

impl Snapshot {
    pub(crate) fn read(file: &Path) -> Result<Self, TokenError> {
        let Some((records, open, stamp)) = read(file)? else {
            return Ok(Self { tokens: Vec::new(), origin: None, marking: AtomicBool::new(false) });
        };
        let known = |record: TokenRecord| {
            let digest = decode_digest(&record.sha256).ok_or_else(|| {
                malformed(file, format!("the token `{}` has a malformed hash", shown_id(&record.id)))
            })?;
            Ok(StoredToken { info: record.info(file)?, digest })
        };
        let tokens = records.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { tokens, origin: Some((open, stamp)), marking: AtomicBool::new(false) })
    }

    /// Whether the file of this name is still the one that was read, unchanged.
    pub(crate) fn is_current(&self, file: &Path) -> bool {
        let now = fs::metadata(file).ok().and_then(|about| Stamp::of(&about));
        matches!((&self.origin, now), (Some((_, then)), Some(now)) if *then == now)
    }
}

/// Which file it is, and when it was last changed.
#[derive(PartialEq, Eq)]
struct Stamp([i128; 7]);

impl Stamp {
    #[cfg(unix)]
    fn of(about: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self([
            about.dev().into(),
            about.ino().into(),
            about.size().into(),
            about.mtime().into(),
            about.mtime_nsec().into(),
            about.ctime().into(),
            about.ctime_nsec().into(),
        ]))
    }

    /// Nothing here identifies a file for sure, so it is read each time.
    #[cfg(not(unix))]
    fn of(_about: &Metadata) -> Option<Self> {
        None
    }
}

/// The records and the open file; `None` if there is no file.
fn read(file: &Path) -> Result<Option<(Vec<TokenRecord>, File, Stamp)>, TokenError> {
    let io = |error| TokenError::io(file, "read", error);
    let (open, about) = match keystroke_files::open(file) {
        Ok(opened) => opened,
        Err(NotOpened::Missing(_)) => return Ok(None),
        Err(NotOpened::Folder | NotOpened::Special) => {
            return Err(malformed(file, "it is not a regular file".to_owned()));
        }
        Err(NotOpened::Io(error)) => return Err(io(error)),
    };
    private(file, &about)?;
    let bytes = keystroke_files::read(&open, &about, MOST).map_err(io)?;
    let bytes = bytes.ok_or_else(|| malformed(file, "it has more than 4 MiB".to_owned()))?;
    let unreadable = |error: serde_json::Error| {
        malformed(file, keystroke_files::without_secrets(&error.to_string()).into_owned())
    };
    let Head { version } = serde_json::from_slice(&bytes).map_err(unreadable)?;
    if version > u64::from(NEWEST_VERSION) {
        return Err(TokenError::Newer { file: file.to_owned(), version });
    }
    if version < u64::from(VERSION) {
        return Err(malformed(file, format!("there is no version {version}")));
    }
    let Document { tokens, .. } = serde_json::from_slice(&bytes).map_err(unreadable)?;
    let stamp = Stamp::of(&about).unwrap_or(Stamp([0; 7]));
    Ok(Some((tokens, open, stamp)))
}

/// Changes the records under the lock, and replaces the file.
pub(crate) fn change<T>(
    file: &Path,
    change: impl FnOnce(&mut Vec<TokenRecord>) -> Result<T, TokenError>,
) -> Result<T, TokenError> {
    let written = |error| TokenError::io(file, "written", error);
    let _lock = lock(file)?;
    let mut tokens = read(file)?.map_or_else(Vec::new, |(records, ..)| records);
    let changed = change(&mut tokens)?;
    let version = tokens.iter().map(TokenRecord::version).max().unwrap_or(VERSION);
    let mut text =
        serde_json::to_vec_pretty(&Document { version, tokens }).map_err(|error| written(error.into()))?;
    text.push(b'\n');
    if text.len() > MOST {
        return Err(written(io::Error::other("it would have more than 4 MiB")));
    }
    keystroke_files::replace(file, &text).map_err(written)?;
    Ok(changed)
}

/// Held while the file is changed.
fn lock(file: &Path) -> Result<FileLock, TokenError> {
    let path = file.with_extension("lock");
    FileLock::acquire(&path, PATIENCE).map_err(|error| match error {
        LockError::Busy => TokenError::Busy { file: file.to_owned() },
        LockError::Io(error) => TokenError::io(&path, "locked", error),
    })
}

fn malformed(file: &Path, problem: String) -> TokenError {
    TokenError::Malformed { file: file.to_owned(), problem }
}

/// Whoever can write the file can let anybody in.
fn private(file: &Path, about: &Metadata) -> Result<(), TokenError> {
    let refused = |problem| Err(TokenError::NotPrivate { file: file.to_owned(), problem });
    if let Some((owner, us)) = keystroke_files::stranger(about) {
        return refused(format!("belongs to the user {owner}, not to this one ({us}) or root"));
    }
    match keystroke_files::exposed(about) {
        None => Ok(()),
        Some(mode) => refused(format!("has the mode {:03o}, with which others can use it", mode & 0o777)),
    }
}
