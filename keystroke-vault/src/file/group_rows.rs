//! The rows of a group: read from the vault's file as the format knows them, and checked.

use std::path::Path;
use std::sync::Arc;

use keystroke_core::{Candidate, Consumer, InstanceId, Label};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::error::{Result, TOO_BIG, VaultError, foreign_value};
use crate::format::envelope::Envelope;
use crate::format::group::{Binding, Group, GroupId, GroupSize, InstanceEntry, digest, revision};
use crate::format::policy_text::{counted, lines, owner_of, status_of};
use crate::keys::subkey_ring::SubkeyRing;
use crate::time::from_millis;

/// The longest column of policy, in bytes: a list of 64 texts of 256 bytes fits.
const LONGEST_COLUMN: usize = 32 * 1024;

/// Loads the group and checks its seal. Call it in a transaction, so that all of the group is as of one moment.
pub(crate) fn load(
    connection: &Connection,
    subkeys: &SubkeyRing,
    file: &Path,
    organization: &str,
    key: &str,
) -> Result<Group> {
    let failed = |error: LoadError| error.of(file, organization, key);
    let (group, seal) = read(connection, organization, key).map_err(failed)?;
    let altered = |what| failed(LoadError::Altered(what));
    group.check_sealed(seal.is_some()).map_err(altered)?;
    if let Some((key_id, mac)) = seal {
        group.check_seal(&*subkeys.find(&key_id)?, subkeys.vault(), &mac).map_err(altered)?;
    }
    Ok(group)
}

/// The sealed secret of an instance of `group`, as the group's seal knows it.
pub(crate) fn sealed(connection: &Connection, file: &Path, group: &Group, id: &str) -> Result<Vec<u8>> {
    let entry =
        group.find(id).ok_or_else(|| VaultError::altered(group, "an instance is gone that was just read"))?;
    let sealed = connection
        .prepare_cached("SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3")
        .and_then(|mut sealed| {
            sealed.query_row([&group.organization, &group.key, id], |row| row.get::<_, Vec<u8>>(0))
        })
        .map_err(|error| LoadError::from(error).of(file, &group.organization, &group.key))?;
    if digest(&sealed) == entry.digest {
        Ok(sealed)
    } else {
        Err(VaultError::altered(group, "a sealed secret is not the one that the seal names"))
    }
}

/// The sealed secret of an instance, unchecked: its envelope is still to be opened.
pub(crate) fn read_sealed(connection: &Connection, group: &GroupId, id: &str) -> rusqlite::Result<Vec<u8>> {
    connection
        .prepare_cached("SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3")?
        .query_row([&group.organization, &group.key, id], |row| row.get(0))
}

/// The id of the key that sealed a group, and its seal.
type Seal = (String, Vec<u8>);

fn read(connection: &Connection, organization: &str, key: &str) -> Result<(Group, Option<Seal>), LoadError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, scope, owner, kind, label, is_default, status, version, account, granted, \
         expires_at, created_at, updated_at, fields, short_fields, sealed FROM instances WHERE \
         organization = ?1 AND key = ?2 ORDER BY id",
    )?;
    let mut rows = statement.query([organization, key])?;
    let mut entries = Vec::new();
    let mut shared = SharedParts::default();
    let mut size = GroupSize::default();
    while let Some(row) = rows.next()? {
        let entry = read_entry(row, organization, key, &mut shared)?;
        size.add(&entry).map_err(LoadError::Altered)?;
        entries.push(entry);
    }
    let mut statement = connection.prepare_cached(
        "SELECT project, consumer_kind, consumer, action, instance FROM assignments WHERE organization \
         = ?1 AND key = ?2 ORDER BY project, consumer_kind, consumer, action",
    )?;
    let mut rows = statement.query([organization, key])?;
    let mut assignments = Vec::new();
    while let Some(row) = rows.next()? {
        size.add_binding().map_err(LoadError::Altered)?;
        assignments.push(read_assignment(row)?);
    }
    let mut statement =
        connection.prepare_cached("SELECT key_id, mac FROM seals WHERE organization = ?1 AND key = ?2")?;
    let mut rows = statement.query([organization, key])?;
    let seal = rows.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
    Ok((Group { organization: organization.to_owned(), key: key.to_owned(), entries, assignments }, seal))
}

/// Why the rows of a group can't be read.
enum LoadError {
    Sqlite(rusqlite::Error),
    Altered(&'static str),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        foreign_value(&error).map_or(Self::Sqlite(error), Self::Altered)
    }
}

impl LoadError {
    fn of(self, file: &Path, organization: &str, key: &str) -> VaultError {
        match self {
            Self::Sqlite(error) => VaultError::sqlite(file, &error),
            Self::Altered(what) => VaultError::Altered {
                organization: organization.to_owned(),
                key: key.to_owned(),
                what: what.to_owned(),
            },
        }
    }
}

/// What a row usually has in common with the one before it, stored once for both.
#[derive(Default)]
struct SharedParts {
    field_names: String,
    fields: Arc<[String]>,
    record_key: Arc<str>,
}

impl SharedParts {
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

fn read_entry(
    row: &Row<'_>,
    organization: &str,
    key: &str,
    shared: &mut SharedParts,
) -> Result<InstanceEntry, LoadError> {
    const UNKNOWN: LoadError = LoadError::Altered("a row holds a word that keystroke does not write");
    // Texts that are only looked at are not copied: a group may have thousands of rows.
    let text = |column| text(row, column);
    let owner = owner_of(text(1)?, text(2)?).ok_or(UNKNOWN)?;
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
    Ok(InstanceEntry {
        candidate: Arc::new(candidate),
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        short_fields: lines(text(14)?),
        record_key: shared.record_key(Envelope::parse(sealed).map_err(LoadError::Altered)?.key_id),
        digest,
        sealed: sealed.len(),
    })
}

/// A text of a row, in place. One that none of our checks would have let in is refused.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, LoadError> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    if text.len() <= LONGEST_COLUMN { Ok(text) } else { Err(LoadError::Altered(TOO_BIG)) }
}

fn optional_text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, LoadError> {
    if row.get_ref(column)? == ValueRef::Null { Ok(None) } else { text(row, column).map(Some) }
}

fn read_assignment(row: &Row<'_>) -> Result<Binding, LoadError> {
    let (kind, slug) = (text(row, 1)?, text(row, 2)?);
    let consumer = Consumer::from_parts(kind, slug)
        .filter(|consumer| consumer.slug() == slug)
        .ok_or(LoadError::Altered("an assignment has a consumer that keystroke does not write"))?;
    Ok(Binding {
        project: text(row, 0)?.to_owned(),
        consumer,
        action: text(row, 3)?.to_owned(),
        instance: InstanceId::from(text(row, 4)?),
    })
}
