//! The chain: each row's HMAC covers the row and the HMAC before it, and the head, under an HMAC of its own, says
//! where the chain begins and ends. If a row is altered, dropped, added or cut off at the end, it no longer fits.
//!
//! From the file alone nobody can tell that all of it was put back to an earlier state; a process can, by the rows
//! that it has seen.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, Statement, ToSql, TransactionBehavior, params};

use super::entry::{AuditEvent, COLUMNS, Stored, Who, canonical, put_at};
use super::fault::{altered, read_error};
use super::retired::{self, Retired};
use crate::error::{Result, VaultError};
use crate::file::tables::FileKind;
use crate::file::{connection, identity, schema};
use crate::format::codec::Encoder;
use crate::format::subkeys::{AuditKey, Subkeys, VaultId};
use crate::keys::subkey_ring::SubkeyRing;

/// How far a chain goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The number of the last row.
    pub(crate) last: u64,
    pub(crate) mac: [u8; 32],
}

/// Where the chain begins (after what was pruned) and ends.
pub(super) struct Head {
    pub(super) base: Tally,
    pub(super) last: Tally,
    /// The time of the last row, where there is one.
    at: Option<i64>,
}

impl Head {
    fn canonical(&self, key_id: &str) -> Vec<u8> {
        let mut to = Encoder::new("keystroke/v1/audit-head", 256);
        to.text(key_id);
        for tally in [self.base, self.last] {
            to.number(tally.last);
            to.bytes(&tally.mac);
        }
        to.finish()
    }

    pub(super) fn write(&self, connection: &Connection, key: &Subkeys) -> rusqlite::Result<()> {
        let mut head = connection.prepare_cached(
            "INSERT OR REPLACE INTO head (id, base_seq, base_mac, last_seq, last_mac, key_id, mac) VALUES \
             (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        head.execute(params![
            self.base.last.cast_signed(),
            self.base.mac,
            self.last.last.cast_signed(),
            self.last.mac,
            key.id,
            key.audit.mac(&self.canonical(&key.id)),
        ])?;
        Ok(())
    }

    /// Whether the chain goes through what this process has seen of it. If it was put back to an earlier state,
    /// others may have written on past the number of the row that was seen last: then that row is another one. For
    /// what was pruned only the head's HMAC speaks.
    fn holds(&self, connection: &Connection, seen: &Tally, file: &Path) -> Result<bool> {
        if seen.last < self.base.last {
            return Ok(true);
        }
        for known in [&self.base, &self.last] {
            if seen.last == known.last {
                return Ok(seen.mac == known.mac);
            }
        }
        let mac = connection
            .prepare_cached("SELECT mac FROM entries WHERE seq = ?1")
            .and_then(|mut mac| mac.query_row([seen.last.cast_signed()], |row| row.get(0)).optional())
            .map_err(|error| read_error(file, &error))?;
        Ok(mac == Some(seen.mac))
    }

    /// Reads and checks the head, and that the last row is the one that it names.
    pub(super) fn read(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<Self> {
        let row = connection
            .prepare_cached(
                "SELECT base_seq, base_mac, last_seq, last_mac, key_id, mac FROM head WHERE id = 1",
            )
            .and_then(|mut head| {
                let read = |row: &Row<'_>| {
                    let base = Tally { last: row.get::<_, i64>(0)?.cast_unsigned(), mac: row.get(1)? };
                    let last = Tally { last: row.get::<_, i64>(2)?.cast_unsigned(), mac: row.get(3)? };
                    Ok((Self { base, last, at: None }, row.get::<_, String>(4)?, row.get::<_, Vec<u8>>(5)?))
                };
                head.query_row([], read).optional()
            })
            .map_err(|error| read_error(file, &error))?;
        let (mut head, key_id, mac) = row.ok_or_else(|| altered(file, "its head is missing"))?;
        if !subkeys.find(&key_id)?.audit.fits(&head.canonical(&key_id), &mac) {
            return Err(altered(file, "its head does not fit"));
        }
        let last = connection
            .prepare_cached("SELECT seq, mac, at FROM entries ORDER BY seq DESC LIMIT 1")
            .and_then(|mut last| {
                let read = |row: &Row<'_>| {
                    let tally = Tally { last: row.get::<_, i64>(0)?.cast_unsigned(), mac: row.get(1)? };
                    Ok((tally, row.get(2)?))
                };
                last.query_row([], read).optional()
            })
            .map_err(|error| read_error(file, &error))?;
        match last {
            Some((last, at)) if last == head.last => {
                head.at = Some(at);
                Ok(head)
            }
            None if head.base == head.last => Ok(head),
            Some((last, _)) if last.last > head.last.last => {
                Err(altered(file, "there are rows after the last one"))
            }
            _ => Err(altered(file, "its last rows are missing")),
        }
    }
}

const GONE: &str = "rows that this process has seen are gone";

/// Makes the tables of an audit record, with no rows.
pub(crate) fn create(
    connection: &mut Connection,
    key: &Subkeys,
    vault: &VaultId,
    now: i64,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    schema::create(&transaction, FileKind::Audit)?;
    transaction.execute(
        "INSERT INTO meta (id, format, vault, created_at) VALUES (1, ?1, ?2, ?3)",
        params![FileKind::Audit.format(), vault, now],
    )?;
    let nothing = Tally { last: 0, mac: [0; 32] };
    Head { base: nothing, last: nothing, at: None }.write(&transaction, key)?;
    transaction.commit()
}

/// Checks that the record is this vault's, and its head; not its rows, which would take ever longer. Returns the
/// chain's end and the time of the last row.
pub(crate) fn check(
    connection: &Connection,
    subkeys: &SubkeyRing,
    file: &Path,
) -> Result<(Tally, Option<i64>)> {
    // As of one moment: others may write between the reads of the head and the last row.
    let moment = connection.unchecked_transaction().map_err(|error| VaultError::sqlite(file, &error))?;
    check_vault(&moment, subkeys, file)?;
    let head = Head::read(&moment, subkeys, file)?;
    Ok((head.last, head.at))
}

fn check_vault(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<()> {
    if vault_of(connection, file)? == *subkeys.vault() {
        Ok(())
    } else {
        Err(altered(file, "it belongs to another vault"))
    }
}

/// The id of the vault that the record belongs to.
pub(crate) fn vault_of(connection: &Connection, file: &Path) -> Result<VaultId> {
    connection
        .query_row("SELECT vault FROM meta WHERE id = 1", [], |row| row.get(0))
        .map_err(|error| read_error(file, &error))
}

/// The row after which others were appended; another process may have written it.
pub(crate) struct Appended {
    pub(crate) after: u64,
    /// Its time, if there is one.
    pub(crate) time: Option<i64>,
}

/// Appends rows in one transaction: encoded events, each with its time where that is not in it. `seen` is what this
/// process knows of the chain: it may have grown, and can't have shrunk.
pub(crate) fn append<'a>(
    connection: &mut Connection,
    subkeys: &SubkeyRing,
    file: &Path,
    who: &Who,
    seen: &mut Tally,
    events: impl Iterator<Item = (&'a [u8], Option<i64>)>,
) -> Result<Appended> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    identity::check_in_place(connection, file)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let mut head = Head::read(&transaction, subkeys, file)?;
    if !head.holds(&transaction, seen, file)? {
        return Err(altered(file, GONE));
    }
    let before = Appended { after: head.last.last, time: head.at };
    let key = subkeys.active()?;
    let mut insert = transaction
        .prepare_cached(&format!(
            "INSERT INTO entries ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, \
             ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)"
        ))
        .map_err(failed)?;
    let mut last_event: Option<&[u8]> = None;
    let mut bytes = Vec::new();
    for (event, at) in events {
        let unknown = || VaultError::System { what: "an audit row cannot be written".to_owned() };
        // Most rows say what the one before said, at another time: bound values stay bound.
        if !last_event.replace(event).is_some_and(|last| std::ptr::eq(last, event)) {
            bytes.clear();
            bytes.extend_from_slice(event);
            let event = AuditEvent::decode(event).ok_or_else(unknown)?;
            bind(&mut insert, &event, who, &key.id).map_err(failed)?;
        }
        if let Some(at) = at {
            put_at(&mut bytes, at).ok_or_else(unknown)?;
            insert.raw_bind_parameter(2, at).map_err(failed)?;
        }
        let seq = head.last.last + 1;
        let mac = key.audit.mac(&canonical(&head.last.mac, seq, &key.id, &bytes, who));
        insert.raw_bind_parameter(1, seq.cast_signed()).map_err(failed)?;
        insert.raw_bind_parameter(24, mac).map_err(failed)?;
        insert.raw_execute().map_err(failed)?;
        head.last = Tally { last: seq, mac };
    }
    drop(insert);
    head.write(&transaction, &key).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    *seen = head.last;
    Ok(before)
}

/// Appends a row to a record that is not open.
pub(crate) fn append_to(
    file: &Path,
    program: String,
    subkeys: &SubkeyRing,
    event: &AuditEvent<'_>,
) -> Result<()> {
    let mut connection = connection::open_writer(file, FileKind::Audit)?;
    let (mut seen, _) = check(&connection, subkeys, file)?;
    let event = event.encode();
    let event = std::iter::once((event.as_slice(), None));
    append(&mut connection, subkeys, file, &Who::new(program), &mut seen, event).map(drop)
}

/// Binds all of a row but its number and its HMAC.
fn bind(insert: &mut Statement<'_>, event: &AuditEvent<'_>, who: &Who, key_id: &str) -> rusqlite::Result<()> {
    let columns: [&dyn ToSql; 22] = [
        &event.at,
        &event.event,
        &event.run,
        &event.origin,
        &event.consumer,
        &event.action,
        &event.organization,
        &event.project,
        &event.user,
        &event.key,
        &event.field,
        &event.instance,
        &event.version,
        &event.generation,
        &event.rule,
        &event.code,
        &event.cause,
        &who.os_user,
        &who.uid,
        &who.process,
        &who.program,
        &key_id,
    ];
    columns.iter().enumerate().try_for_each(|(at, value)| insert.raw_bind_parameter(at + 2, value))
}

/// Shows every row to `each`, in order, and checks the whole chain on the way, and that it goes through what this
/// process has `seen` of it. What `each` was shown counts only if this returns `Ok`.
pub(crate) fn walk(
    file: &Path,
    subkeys: &SubkeyRing,
    seen: &Tally,
    mut each: impl FnMut(super::AuditEntry),
) -> Result<Tally> {
    // Taken before the moment that is read: a rotation that ends meanwhile takes a key out of the ring, and what it
    // kept of that key is not part of this moment.
    let held = subkeys.held();
    let mut connection = connection::open_reader(file, FileKind::Audit)?;
    let transaction = connection.transaction().map_err(|error| VaultError::sqlite(file, &error))?;
    check_vault(&transaction, subkeys, file)?;
    let head = Head::read(&transaction, subkeys, file)?;
    if !head.holds(&transaction, seen, file)? {
        return Err(altered(file, GONE));
    }
    let mut statement = transaction
        .prepare_cached(&format!("SELECT {COLUMNS} FROM entries ORDER BY seq"))
        .map_err(|error| VaultError::sqlite(file, &error))?;
    let mut rows = statement.query([]).map_err(|error| VaultError::sqlite(file, &error))?;
    let mut keys = Keys { retired: retired::load(&transaction, subkeys, file)?, held, subkeys, last: None };
    let mut last = head.base;
    while let Some(row) = rows.next().map_err(|error| read_error(file, &error))? {
        let stored = Stored::read(row).map_err(|error| read_error(file, &error))?;
        let seq = stored.entry.seq;
        if seq != last.last + 1 {
            return Err(altered(file, format!("row {} is missing", last.last + 1)));
        }
        let key = keys.of_row(seq, &stored.key_id, file)?;
        let fits = key.fits(&stored.canonical(&last.mac), &stored.mac);
        let mac = stored.mac.as_slice().try_into().ok().filter(|_| fits);
        let mac = mac.ok_or_else(|| altered(file, format!("row {seq} does not fit the one before it")))?;
        last = Tally { last: seq, mac };
        each(stored.entry);
    }
    if last == head.last { Ok(last) } else { Err(altered(file, "its last rows are missing")) }
}

/// The keys that rows are checked by; most rows have the key of the row before them.
struct Keys<'a> {
    retired: Retired,
    held: Arc<[Arc<Subkeys>]>,
    subkeys: &'a SubkeyRing,
    last: Option<(String, AuditKey)>,
}

impl Keys<'_> {
    fn of_row(&mut self, seq: u64, id: &str, file: &Path) -> Result<&AuditKey> {
        if self.last.as_ref().is_none_or(|(last, _)| last != id) {
            let held = || self.held.iter().find(|key| key.id == id).map(|key| &key.audit);
            let key = match self.retired.get(id).or_else(held) {
                Some(key) => key.clone(),
                None => match self.subkeys.find(id) {
                    Ok(key) => key.audit.clone(),
                    Err(VaultError::UnknownKey { id, .. }) => {
                        let what = format!(
                            "row {seq} names the key `{id}`, which is neither in the ring nor an earlier one"
                        );
                        return Err(altered(file, what));
                    }
                    Err(error) => return Err(error),
                },
            };
            self.last = Some((id.to_owned(), key));
        }
        let last = self.last.as_ref().map(|(_, key)| key);
        last.ok_or_else(|| VaultError::System { what: "an audit key is gone that was just found".to_owned() })
    }
}
