//! All instances and assignments of one (organization, key), and the one keyed seal over their policy
//! columns.
//!
//! A group is loaded whole, checked whole and sealed whole: without the vault's key no row of it can be
//! added, dropped, moved, exchanged, re-labelled or re-pointed. A write changes the group that was checked,
//! in memory, and seals that: rows are never read back to be sealed, so a planted trigger can't have its work
//! sealed.

use std::sync::Arc;

use keystroke_core::{Assignment, Candidate, Consumer, InstanceId, Label, Owner, Status};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sha2::Digest as _;

use crate::codec::Encoder;
use crate::counter::counted;
use crate::error::{Result, TOO_BIG, VaultError};
use crate::record::Record;
use crate::ring::{Keyring, Subkeys, VaultId};
use crate::seal::{Envelope, owner_name};
use crate::time::{from_millis, to_millis};

/// Instances, or assignments, of one organization and key at most. All of a group is read at once: without an end to it,
/// rows that somebody planted would hold up each call.
const MOST: usize = 100_000;
/// What all sealed secrets of a group have at most, in bytes, for the same reason.
const MOST_SEALED: usize = 256 * 1024 * 1024;
/// What a column of policy has at most, in bytes: the longest is a list of 64 texts of 256 bytes.
const LONGEST_COLUMN: usize = 32 * 1024;

/// One instance: all but its secret, of which it has the digest.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// Fields that may be shorter than SEMANTICS S3 asks.
    pub(crate) short_fields: Vec<String>,
    pub(crate) record_key: Arc<str>,
    pub(crate) digest: [u8; 32],
    /// How many bytes its sealed secret has.
    pub(crate) sealed: usize,
}

impl Entry {
    /// The names of its fields.
    pub(crate) fn fields(&self) -> &[String] {
        self.candidate.fields.as_deref().unwrap_or_default()
    }
}

/// One assignment of the group's organization and key.
#[derive(Clone)]
pub(crate) struct Bound {
    pub(crate) project: String,
    pub(crate) consumer: Consumer,
    pub(crate) action: String,
    pub(crate) instance: InstanceId,
}

/// Everything of one (organization, key), in order of id.
pub(crate) struct Group {
    pub(crate) organization: String,
    pub(crate) key: String,
    pub(crate) entries: Vec<Entry>,
    /// In the order of [`place`].
    pub(crate) assignments: Vec<Bound>,
}

/// What an assignment is found by.
type Place<'a> = (&'a str, &'a str, &'a str, &'a str);

fn place<'a>(project: &'a str, consumer: &'a Consumer, action: &'a str) -> Place<'a> {
    (project, consumer.kind(), consumer.slug(), action)
}

impl Bound {
    pub(crate) fn place(&self) -> Place<'_> {
        place(&self.project, &self.consumer, &self.action)
    }
}

impl Group {
    /// Loads the group and checks its seal. To be called in a transaction, so that all of it is of one
    /// moment.
    pub(crate) fn load(
        connection: &Connection,
        keyring: &Keyring,
        organization: &str,
        key: &str,
    ) -> Result<Self, Failure> {
        let mut statement = connection.prepare_cached(
            "SELECT id, scope, owner, kind, label, is_default, status, version, account, granted, \
             expires_at, created_at, updated_at, fields, short_fields, sealed FROM instances WHERE \
             organization = ?1 AND key = ?2 ORDER BY id",
        )?;
        let mut rows = statement.query([organization, key])?;
        let mut entries = Vec::new();
        let mut shared = Shared::default();
        let mut size = Size::default();
        while let Some(row) = rows.next()? {
            let entry = read_entry(row, organization, key, &mut shared)?;
            size.add(&entry).map_err(Failure::Altered)?;
            entries.push(entry);
        }
        let mut statement = connection.prepare_cached(
            "SELECT project, consumer_kind, consumer, action, instance FROM assignments WHERE organization \
             = ?1 AND key = ?2 ORDER BY project, consumer_kind, consumer, action",
        )?;
        let mut rows = statement.query([organization, key])?;
        let mut assignments = Vec::new();
        while let Some(row) = rows.next()? {
            if assignments.len() == MOST {
                return Err(Failure::Altered(TOO_MANY));
            }
            assignments.push(read_assignment(row)?);
        }
        let mut statement = connection
            .prepare_cached("SELECT key_id, mac FROM seals WHERE organization = ?1 AND key = ?2")?;
        let mut rows = statement.query([organization, key])?;
        let seal =
            rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        let group = Self { organization: organization.to_owned(), key: key.to_owned(), entries, assignments };
        group.check(keyring, seal)?;
        Ok(group)
    }

    fn check(&self, keyring: &Keyring, seal: Option<(String, Vec<u8>)>) -> Result<(), Failure> {
        match (seal, self.entries.is_empty()) {
            (None, true) if self.assignments.is_empty() => Ok(()),
            (None, true) => Err(Failure::Altered("there are assignments and no instances")),
            (None, false) => Err(Failure::Altered("its seal is missing")),
            (Some(_), true) => Err(Failure::Altered("there is a seal and nothing that it seals")),
            (Some((key_id, mac)), false) => {
                let key = keyring.find(&key_id).map_err(Failure::Vault)?;
                if key.seal_fits(&self.canonical(keyring.vault(), &key_id), &mac) {
                    Ok(())
                } else {
                    Err(Failure::Altered("its seal does not fit"))
                }
            }
        }
    }

    /// What is wrong with it, if it is larger than any reading accepts.
    pub(crate) fn is_too_large(&self) -> Option<&'static str> {
        let mut size = Size::default();
        let entries = self.entries.iter().find_map(|entry| size.add(entry).err());
        entries.or((self.assignments.len() > MOST).then_some(TOO_MANY))
    }

    /// The group's seal under `key`.
    pub(crate) fn seal(&self, key: &Subkeys, vault: &VaultId) -> [u8; 32] {
        key.seal_mac(&self.canonical(vault, &key.id))
    }

    fn canonical(&self, vault: &VaultId, key_id: &str) -> Vec<u8> {
        let room = 256 + 320 * self.entries.len() + 128 * self.assignments.len();
        let mut to = Encoder::new("keystroke/v1/group", room);
        to.bytes(vault);
        to.text(key_id);
        to.text(&self.organization);
        to.text(&self.key);
        to.number(self.entries.len() as u64);
        for entry in &self.entries {
            let candidate = &entry.candidate;
            to.text(candidate.id.as_str());
            to.text(candidate.owner.scope().as_str());
            to.text(owner_name(&candidate.owner));
            to.text(candidate.kind.as_str());
            to.optional_text(candidate.label.as_ref().map(Label::as_str));
            to.number(u64::from(candidate.default));
            to.text(status_text(candidate.status));
            to.number(candidate.version);
            to.optional_text(candidate.account.as_deref());
            to.list(candidate.granted.iter().map(String::as_str));
            to.optional_signed(candidate.expires_at.map(to_millis));
            to.signed(entry.created_at);
            to.signed(entry.updated_at);
            to.list(entry.fields().iter().map(String::as_str));
            to.list(entry.short_fields.iter().map(String::as_str));
            to.text(&entry.record_key);
            to.bytes(&entry.digest);
        }
        to.number(self.assignments.len() as u64);
        for bound in &self.assignments {
            let (project, kind, consumer, action) = bound.place();
            for text in [project, kind, consumer, action, bound.instance.as_str()] {
                to.text(text);
            }
        }
        to.finish()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.candidate.id.as_str().cmp(id)).ok()?;
        self.entries.get(at)
    }

    /// Where the assignment of a consumer is, or would be.
    pub(crate) fn assignment_at(
        &self,
        project: &str,
        consumer: &Consumer,
        action: &str,
    ) -> Result<usize, usize> {
        let wanted = place(project, consumer, action);
        self.assignments.binary_search_by(|bound| bound.place().cmp(&wanted))
    }

    pub(crate) fn assignment(&self, project: &str, consumer: &Consumer, action: &str) -> Option<&InstanceId> {
        // As in most groups, and a warm call asks.
        if self.assignments.is_empty() {
            return None;
        }
        let at = self.assignment_at(project, consumer, action).ok()?;
        self.assignments.get(at).map(|bound| &bound.instance)
    }

    /// The assignments that name an instance.
    fn used_by(&self, id: &InstanceId) -> Vec<Assignment> {
        self.assignments.iter().filter(|bound| bound.instance == *id).map(|bound| self.full(bound)).collect()
    }

    pub(crate) fn full(&self, bound: &Bound) -> Assignment {
        Assignment {
            organization: self.organization.clone(),
            project: bound.project.clone(),
            consumer: bound.consumer.clone(),
            action: bound.action.clone(),
        }
    }

    /// An entry as verbs return it.
    pub(crate) fn record(&self, entry: &Entry) -> Record {
        Record {
            candidate: Arc::clone(&entry.candidate),
            created_at: from_millis(entry.created_at),
            updated_at: from_millis(entry.updated_at),
            fields: entry.fields().to_vec(),
            used_by: self.used_by(&entry.candidate.id),
        }
    }

    pub(crate) fn altered(&self, what: impl Into<String>) -> VaultError {
        VaultError::Altered {
            organization: self.organization.clone(),
            key: self.key.clone(),
            what: what.into(),
        }
    }
}

/// Why a group can't be had. The caller knows which file and group it asked for.
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Altered(&'static str),
    Vault(VaultError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            // A column of a type that keystroke never writes.
            E::InvalidColumnType(..)
            | E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..) => Self::Altered("a row holds a value that keystroke does not write"),
            error if error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) => Self::Altered(TOO_BIG),
            error => Self::Sqlite(error),
        }
    }
}

impl Failure {
    pub(crate) fn of(self, file: &std::path::Path, organization: &str, key: &str) -> VaultError {
        match self {
            Self::Sqlite(error) => VaultError::sqlite(file, &error),
            Self::Altered(what) => VaultError::Altered {
                organization: organization.to_owned(),
                key: key.to_owned(),
                what: what.to_owned(),
            },
            Self::Vault(error) => error,
        }
    }
}

const TOO_MANY: &str = "there are more than 100,000 rows";

/// How large a group is, so far.
#[derive(Default)]
struct Size {
    entries: usize,
    sealed: usize,
}

impl Size {
    fn add(&mut self, entry: &Entry) -> Result<(), &'static str> {
        self.entries += 1;
        self.sealed = self.sealed.saturating_add(entry.sealed);
        match () {
            () if self.entries > MOST => Err(TOO_MANY),
            () if self.sealed > MOST_SEALED => Err("its secrets have more than 256 MiB"),
            () => Ok(()),
        }
    }
}

/// What a row mostly has in common with the one before it: kept once for both.
#[derive(Default)]
struct Shared {
    field_names: String,
    fields: Arc<[String]>,
    record_key: Arc<str>,
}

impl Shared {
    fn fields(&mut self, names: &str) -> Arc<[String]> {
        if self.field_names != names {
            names.clone_into(&mut self.field_names);
            self.fields = lines(names).into();
        }
        Arc::clone(&self.fields)
    }

    fn record_key(&mut self, id: &str) -> Arc<str> {
        if *self.record_key != *id {
            self.record_key = id.into();
        }
        Arc::clone(&self.record_key)
    }
}

fn read_entry(row: &Row<'_>, organization: &str, key: &str, shared: &mut Shared) -> Result<Entry, Failure> {
    const UNKNOWN: Failure = Failure::Altered("a row holds a word that keystroke does not write");
    // What is only looked at is not copied: a group may have thousands of rows.
    let text = |column| text(row, column);
    let owner = text(2)?.to_owned();
    let owner = match (text(1)?, owner) {
        ("organization", owner) if owner.is_empty() => Owner::Organization,
        ("project", owner) => Owner::Project(owner),
        ("user", owner) => Owner::User(owner),
        _ => return Err(UNKNOWN),
    };
    let default = match row.get(5)? {
        0_i64 => false,
        1 => true,
        _ => return Err(UNKNOWN),
    };
    let version: i64 = row.get(7)?;
    let sealed = row.get_ref(15)?.as_blob().map_err(rusqlite::Error::from)?;
    let digest = digest(sealed);
    let candidate = Candidate {
        id: InstanceId::from(text(0)?),
        key: key.to_owned(),
        organization: organization.to_owned(),
        owner,
        kind: text(3)?.parse().map_err(|_| UNKNOWN)?,
        label: optional_text(row, 4)?.map(Label::from),
        default,
        status: status_of(text(6)?).ok_or(UNKNOWN)?,
        version: counted(version).ok_or(UNKNOWN)?,
        revision: revision(&digest),
        account: optional_text(row, 8)?.map(str::to_owned),
        granted: lines(text(9)?),
        expires_at: row.get::<_, Option<i64>>(10)?.map(from_millis),
        fields: Some(shared.fields(text(13)?)),
    };
    Ok(Entry {
        candidate: Arc::new(candidate),
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        short_fields: lines(text(14)?),
        record_key: shared.record_key(Envelope::parse(sealed).map_err(Failure::Altered)?.key_id),
        digest,
        sealed: sealed.len(),
    })
}

/// A text of a row, looked at where it lies. One that no check of ours lets in is none.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, Failure> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    if text.len() <= LONGEST_COLUMN { Ok(text) } else { Err(Failure::Altered(TOO_BIG)) }
}

fn optional_text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Failure> {
    if row.get_ref(column)? == ValueRef::Null { Ok(None) } else { text(row, column).map(Some) }
}

fn read_assignment(row: &Row<'_>) -> Result<Bound, Failure> {
    let (kind, slug) = (text(row, 1)?, text(row, 2)?);
    let consumer = Consumer::from_parts(kind, slug)
        .filter(|consumer| consumer.slug() == slug)
        .ok_or(Failure::Altered("an assignment has a consumer that keystroke does not write"))?;
    Ok(Bound {
        project: text(row, 0)?.to_owned(),
        consumer,
        action: text(row, 3)?.to_owned(),
        instance: InstanceId::from(text(row, 4)?),
    })
}

pub(crate) fn digest(sealed: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(sealed).into()
}

/// What tells this sealed secret from every other one, versions that come again included: each has its own nonce.
pub(crate) fn revision(digest: &[u8; 32]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

/// A list in one column: the texts hold no control characters, so line ends keep them apart.
fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split('\n').map(str::to_owned).collect() }
}

pub(crate) const fn status_text(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::NeedsReconnect => "needs_reconnect",
        Status::Revoked => "revoked",
    }
}

fn status_of(text: &str) -> Option<Status> {
    [Status::Active, Status::NeedsReconnect, Status::Revoked]
        .into_iter()
        .find(|status| status_text(*status) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read is bounded, so what is written is too: `Work::seal` asks.
    #[test]
    fn a_group_has_an_end() {
        let (candidate, _) = keystroke_core::Instance::new("exa").in_organization("acme").into_parts();
        let entry = |sealed| Entry {
            candidate: Arc::new(candidate.clone()),
            created_at: 0,
            updated_at: 0,
            short_fields: Vec::new(),
            record_key: Arc::default(),
            digest: [0; 32],
            sealed,
        };
        let group = |entries| Group {
            organization: "acme".to_owned(),
            key: "exa".to_owned(),
            entries,
            assignments: Vec::new(),
        };
        assert_eq!(group(vec![entry(MOST_SEALED)]).is_too_large(), None);
        assert!(group(vec![entry(MOST_SEALED), entry(1)]).is_too_large().is_some());
        assert_eq!(group(vec![entry(100); MOST]).is_too_large(), None);
        assert_eq!(group(vec![entry(100); MOST + 1]).is_too_large(), Some(TOO_MANY));
    }
}
