//! The file of the tokens: read whole, replaced whole, for this user alone.
//!
//! A change is written to a file of its own, which then takes the name: whoever reads sees all of the one or all of the
//! other. Those who change it wait for each other at a lock file beside it.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use keystroke_files::{FileLock, LockError, NotOpened};
use serde::{Deserialize, Serialize};

use super::text::{DIGEST_BYTES, decoded, encoded, shown};
use super::{Binding, TokenError, TokenInfo};

/// The first version of the format, which all programs read.
const VERSION: u32 = 1;
/// The one in which a token may be limited to tools, or marked as expired. It is written only where one is: a program that
/// knows version 1 alone must not let such a token in, and goes on to read a file without any.
pub(super) const NEWEST: u32 = 2;
/// Thousands of tokens; more is a mistake, or somebody's attack on the memory.
const MOST: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Read first and apart: what else a newer version has, nobody knows.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    tokens: Vec<Record>,
}

/// A token as the file has it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) id: String,
    /// The SHA-256 of the secret.
    sha256: String,
    organization: String,
    project: String,
    user: Option<String>,
    label: Option<String>,
    created_at: String,
    expires_at: Option<String>,
    /// The tools that it is limited to, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tools: Option<BTreeSet<String>>,
    /// A server refused it because its time was over: no clock makes it valid again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expired: bool,
}

impl Record {
    pub(super) fn new(info: &TokenInfo, digest: &[u8; DIGEST_BYTES]) -> Self {
        let Binding { organization, project, user, tools } = info.binding.clone();
        let time = |time| humantime::format_rfc3339_seconds(time).to_string();
        Self {
            id: info.id.clone(),
            sha256: encoded(digest),
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

    /// The oldest version that has a word for all that it says.
    const fn version(&self) -> u32 {
        if self.tools.is_some() || self.expired { NEWEST } else { VERSION }
    }

    /// Marks it as expired: whether that is new.
    pub(super) fn mark_expired(&mut self) -> bool {
        !std::mem::replace(&mut self.expired, true)
    }

    pub(super) fn info(&self, file: &Path) -> Result<TokenInfo, TokenError> {
        let time = |text: &str| {
            humantime::parse_rfc3339(text).map_err(|_| {
                malformed(file, format!("the token `{}` has a time that is none", shown(&self.id)))
            })
        };
        let created_at = time(&self.created_at)?;
        let expires_at: Option<SystemTime> = self.expires_at.as_deref().map(time).transpose()?;
        let Self { id, organization, project, user, tools, label, expired, .. } = self.clone();
        let binding = Binding { organization, project, user, tools };
        Ok(TokenInfo { id, binding, label, created_at, expires_at, expired })
    }
}

/// A token as it is compared.
pub(super) struct Known {
    pub(super) info: TokenInfo,
    pub(super) digest: [u8; DIGEST_BYTES],
}

/// What the file held when it was read.
pub(super) struct Snapshot {
    pub(super) tokens: Vec<Known>,
    /// Kept open: as long as it is, no other file can have its number.
    origin: Option<(File, Stamp)>,
    /// Marking the expired ones was begun: a client that shows one again and again has the file written once.
    pub(super) marking: AtomicBool,
}

impl Snapshot {
    pub(super) fn read(file: &Path) -> Result<Self, TokenError> {
        let Some((records, open, stamp)) = read(file)? else {
            return Ok(Self { tokens: Vec::new(), origin: None, marking: AtomicBool::new(false) });
        };
        let known = |record: Record| {
            let digest = decoded(&record.sha256).ok_or_else(|| {
                malformed(file, format!("the token `{}` has a hash that is none", shown(&record.id)))
            })?;
            Ok(Known { info: record.info(file)?, digest })
        };
        let tokens = records.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { tokens, origin: Some((open, stamp)), marking: AtomicBool::new(false) })
    }

    /// Whether the file under this name is the one that was read, and nobody wrote to it since.
    pub(super) fn is_current(&self, file: &Path) -> bool {
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

    /// Nothing here names a file for sure, so it is read each time.
    #[cfg(not(unix))]
    fn of(_about: &Metadata) -> Option<Self> {
        None
    }
}

/// The records and the open file; `None` if there is no file.
fn read(file: &Path) -> Result<Option<(Vec<Record>, File, Stamp)>, TokenError> {
    let io = |error| TokenError::io(file, "read", error);
    let (open, about) = match keystroke_files::open(file) {
        Ok(opened) => opened,
        Err(NotOpened::Missing(_)) => return Ok(None),
        Err(NotOpened::Folder | NotOpened::Special) => {
            return Err(malformed(file, "it is no regular file".to_owned()));
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
    if version > u64::from(NEWEST) {
        return Err(TokenError::Newer { file: file.to_owned(), version });
    }
    if version < u64::from(VERSION) {
        return Err(malformed(file, format!("there is no version {version}")));
    }
    let Document { tokens, .. } = serde_json::from_slice(&bytes).map_err(unreadable)?;
    let stamp = Stamp::of(&about).unwrap_or(Stamp([0; 7]));
    Ok(Some((tokens, open, stamp)))
}

/// Changes the records under the lock, and puts the new file in the place of the old.
pub(super) fn change<T>(
    file: &Path,
    change: impl FnOnce(&mut Vec<Record>) -> Result<T, TokenError>,
) -> Result<T, TokenError> {
    let written = |error| TokenError::io(file, "written", error);
    let _lock = lock(file)?;
    let mut tokens = read(file)?.map_or_else(Vec::new, |(records, ..)| records);
    let changed = change(&mut tokens)?;
    let version = tokens.iter().map(Record::version).max().unwrap_or(VERSION);
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

/// Who could write the file could let anybody in.
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
