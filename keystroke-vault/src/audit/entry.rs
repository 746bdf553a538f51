//! One audit row: as it is queued, as it is stored, and as it is read.

use std::borrow::Cow;
use std::time::SystemTime;

use rusqlite::Row;
use serde::Serialize;

use crate::format::codec::{Decoder, Encoder};
use crate::time::{from_millis, rfc3339};

/// The longest text in a row, in bytes. What the vault stores is shorter; a run's id or a selection may come from a
/// request and have any length.
const LONGEST: usize = 256;

/// A text as a row holds it: on one line, without characters that move a terminal's cursor, and cut if it is too
/// long.
fn tame(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mark = format!("…(cut, {} bytes)", text.len());
    let mut tame = String::with_capacity(LONGEST);
    // Where to cut it if it does not fit.
    let mut cut = 0;
    for c in text.chars() {
        if c.is_control() {
            tame.extend(c.escape_default());
        } else {
            tame.push(c);
        }
        if tame.len() > LONGEST {
            tame.truncate(cut);
            tame.push_str(&mark);
            break;
        }
        if tame.len() <= LONGEST - mark.len() {
            cut = tame.len();
        }
    }
    Cow::Owned(tame)
}

/// One row of the audit record. It never holds a value (SEMANTICS S4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The row's place in the chain, from 1. Missing numbers belong to rows that say that a change was committed.
    pub seq: u64,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub at: SystemTime,
    /// What happened. For credentials in use: `open` (a value was decrypted), `use` (of a value that the process
    /// held), `absent` (of an optional credential: the call ran without it), `refused`, `redacted`, `rejected` (by a third party
    /// that it was sent to). For changes: `init`, `set`, `update`, `rotate`, `move`, `revoke`, `delete`, `discard`, `assign`,
    /// `unassign`. For the vault as a whole: `rotate_key`, `reseal` (some of its secrets, as part of that), `retire_key`,
    /// `backup`, `restore`, `prune`.
    pub event: String,
    /// The run.
    pub run: Option<String>,
    /// What started the run.
    pub origin: Option<String>,
    /// What called the action, such as `agent researcher`.
    pub consumer: Option<String>,
    /// The action's slug.
    pub action: Option<String>,
    /// The organization.
    pub organization: Option<String>,
    /// The project: the run's, or the owner of what was changed.
    pub project: Option<String>,
    /// The user: the one the run acts for, or the owner of what was changed.
    pub user: Option<String>,
    /// The credential key.
    pub key: Option<String>,
    /// The field; for `rotate_key`, `reseal` and `retire_key` the id of the vault's key.
    pub field: Option<String>,
    /// The id of the instance.
    pub instance: Option<String>,
    /// Its version; for `restore`, the generation that was put back.
    pub version: Option<u64>,
    /// For a change: the vault's generation that it makes, which is the number of changes including it.
    pub generation: Option<u64>,
    /// For a change: whether it is part of the vault as it is. A change is on record before it is made: it is on
    /// record and not part of the vault if its process was killed in between, if it is being made at this moment, or
    /// if a restored backup took it back. `None` for uses, and where the vault can't be read.
    pub committed: Option<bool>,
    /// The rule that chose it: `R1` … `R5` (SEMANTICS §3).
    pub rule: Option<String>,
    /// The code of a refusal (SEMANTICS §4), or why a credential was absent (`missing`, `no_user`); `not_committed`
    /// where a change was announced and then failed; `not_released` where an open was announced and nothing was
    /// released, because the instance had changed meanwhile.
    pub code: Option<String>,
    /// The true cause of a refusal, where the error hides it; for `move`, the old owner: `from project ops`; for
    /// `prune`, the rows that were removed.
    pub cause: Option<String>,
    /// The operating system's user.
    pub os_user: String,
    /// That user's number, where users have one.
    pub uid: Option<u32>,
    /// The id of the process.
    pub process: u32,
    /// The program.
    pub program: String,
}

/// Which rows of the audit record to read; by default all of them.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only of this organization.
    pub organization: Option<String>,
    /// Only of runs in this project, and changes to what it owns.
    pub project: Option<String>,
    /// Only of runs that acted for this user, and changes to what they own.
    pub user: Option<String>,
    /// Only of this credential key.
    pub key: Option<String>,
    /// Only from this moment on.
    pub since: Option<SystemTime>,
    /// At most this many: the newest.
    pub limit: Option<usize>,
}

impl AuditFilter {
    pub(crate) fn admits(&self, entry: &AuditEntry) -> bool {
        let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        is(&self.organization, &entry.organization)
            && is(&self.project, &entry.project)
            && is(&self.user, &entry.user)
            && is(&self.key, &entry.key)
            && self.since.is_none_or(|since| entry.at >= since)
    }
}

/// How many texts an event has, beside its name.
pub(crate) const TEXTS: usize = 13;

/// What happened, before it is a row of the chain. Queued as bytes: one allocation.
#[derive(Clone, Copy, Default)]
pub(crate) struct AuditEvent<'a> {
    pub(crate) at: i64,
    pub(crate) event: &'a str,
    pub(crate) run: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
    pub(crate) consumer: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
    pub(crate) organization: Option<&'a str>,
    pub(crate) project: Option<&'a str>,
    pub(crate) user: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) field: Option<&'a str>,
    pub(crate) instance: Option<&'a str>,
    pub(crate) version: Option<i64>,
    pub(crate) generation: Option<i64>,
    pub(crate) rule: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) cause: Option<&'a str>,
}

impl<'a> AuditEvent<'a> {
    /// The event as bytes, to queue. Its texts may come from anywhere, so they are cut and escaped.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.encode_with(|to, text| match text.map(tame) {
            Some(text) => to.optional_text(Some(&text)),
            None => to.optional_text(None),
        })
    }

    /// The event as bytes, as it is: what the chain's HMAC covers.
    fn encode_as_is(&self) -> Vec<u8> {
        self.encode_with(Encoder::optional_text)
    }

    fn encode_with(&self, text: impl Fn(&mut Encoder, Option<&str>)) -> Vec<u8> {
        let mut to = Encoder::new(self.event, 512);
        to.signed(self.at);
        to.optional_signed(self.version);
        to.optional_signed(self.generation);
        for part in self.texts() {
            text(&mut to, part);
        }
        to.finish()
    }

    pub(crate) const fn texts(&self) -> [Option<&'a str>; TEXTS] {
        [
            self.run,
            self.origin,
            self.consumer,
            self.action,
            self.organization,
            self.project,
            self.user,
            self.key,
            self.field,
            self.instance,
            self.rule,
            self.code,
            self.cause,
        ]
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Decoder::new(bytes);
        let event = from.text()?;
        let at = from.signed()?;
        let version = from.optional_signed()?;
        let generation = from.optional_signed()?;
        Some(Self {
            at,
            event,
            version,
            generation,
            run: from.optional_text()?,
            origin: from.optional_text()?,
            consumer: from.optional_text()?,
            action: from.optional_text()?,
            organization: from.optional_text()?,
            project: from.optional_text()?,
            user: from.optional_text()?,
            key: from.optional_text()?,
            field: from.optional_text()?,
            instance: from.optional_text()?,
            rule: from.optional_text()?,
            code: from.optional_text()?,
            cause: from.optional_text()?,
        })
    }
}

/// Gives an encoded event its time.
pub(crate) fn put_at(event: &mut [u8], at: i64) -> Option<()> {
    let name = usize::try_from(Decoder::new(event).number()?).ok()?;
    event.get_mut(name.checked_add(8)?..)?.first_chunk_mut().map(|time| *time = at.to_le_bytes())
}

/// The columns of a stored row, in the order that [`AuditEntry::read`] takes them.
pub(crate) const COLUMNS: &str = "seq, at, event, run, origin, consumer, action, organization, project, \
    user, key, field, instance, version, generation, rule, code, cause, os_user, uid, process, program, key_id, mac";

/// A stored row with what chains it.
pub(crate) struct Stored {
    pub(crate) entry: AuditEntry,
    pub(crate) key_id: String,
    pub(crate) mac: Vec<u8>,
}

impl Stored {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let entry = AuditEntry {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            at: from_millis(row.get(1)?),
            event: row.get(2)?,
            run: row.get(3)?,
            origin: row.get(4)?,
            consumer: row.get(5)?,
            action: row.get(6)?,
            organization: row.get(7)?,
            project: row.get(8)?,
            user: row.get(9)?,
            key: row.get(10)?,
            field: row.get(11)?,
            instance: row.get(12)?,
            version: row.get::<_, Option<i64>>(13)?.map(i64::cast_unsigned),
            generation: row.get::<_, Option<i64>>(14)?.map(i64::cast_unsigned),
            committed: None,
            rule: row.get(15)?,
            code: row.get(16)?,
            cause: row.get(17)?,
            os_user: row.get(18)?,
            uid: row.get(19)?,
            process: row.get(20)?,
            program: row.get(21)?,
        };
        Ok(Self { entry, key_id: row.get(22)?, mac: row.get(23)? })
    }

    /// The row as the chain's HMAC covers it.
    pub(crate) fn canonical(&self, before: &[u8]) -> Vec<u8> {
        let entry = &self.entry;
        let event = AuditEvent {
            at: crate::time::to_millis(entry.at),
            event: &entry.event,
            run: entry.run.as_deref(),
            origin: entry.origin.as_deref(),
            consumer: entry.consumer.as_deref(),
            action: entry.action.as_deref(),
            organization: entry.organization.as_deref(),
            project: entry.project.as_deref(),
            user: entry.user.as_deref(),
            key: entry.key.as_deref(),
            field: entry.field.as_deref(),
            instance: entry.instance.as_deref(),
            version: entry.version.map(u64::cast_signed),
            generation: entry.generation.map(u64::cast_signed),
            rule: entry.rule.as_deref(),
            code: entry.code.as_deref(),
            cause: entry.cause.as_deref(),
        };
        let who = Who {
            os_user: entry.os_user.clone(),
            uid: entry.uid,
            process: entry.process,
            program: entry.program.clone(),
        };
        canonical(before, entry.seq, &self.key_id, &event.encode_as_is(), &who)
    }
}

pub(crate) fn canonical(before: &[u8], seq: u64, key_id: &str, event: &[u8], who: &Who) -> Vec<u8> {
    let mut to = Encoder::new("keystroke/v1/audit-row", 256 + event.len());
    to.bytes(before);
    to.number(seq);
    to.text(key_id);
    to.bytes(event);
    to.text(&who.os_user);
    to.optional_signed(who.uid.map(i64::from));
    to.number(u64::from(who.process));
    to.text(&who.program);
    to.finish()
}

/// Who writes rows: the same for all rows of a process.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) os_user: String,
    pub(crate) uid: Option<u32>,
    pub(crate) process: u32,
    pub(crate) program: String,
}

impl Who {
    pub(crate) fn new(program: String) -> Self {
        let (os_user, uid) = os_user();
        let [os_user, program] = [os_user, program].map(|text| tame(&text).into_owned());
        Self { os_user, uid, process: std::process::id(), program }
    }
}

/// The effective user, with the name from the system's own list. An environment variable could be set to anyone's
/// name, so none is read.
#[cfg(unix)]
fn os_user() -> (String, Option<u32>) {
    let Some(uid) = keystroke_files::current_user() else { return (String::new(), None) };
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    (name.unwrap_or_else(|| uid.to_string()), Some(uid))
}

#[cfg(not(unix))]
fn os_user() -> (String, Option<u32>) {
    (std::env::var("USERNAME").unwrap_or_default(), None)
}
