//! The keys that old rows of the audit record were chained by, and that have left the ring.
//!
//! A key of the ring opens records; the key that chains rows is derived from it, and reveals nothing about it. That
//! derived key is stored here, sealed with the key that is in use, so that the ring may lose a key and every row can
//! still be checked. Someone who had the old key could rewrite old rows; the first row under the next key covers what
//! they were.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::tampering::{altered, read_error};
use crate::error::{Result, VaultError};
use crate::file::connection;
use crate::file::tables::FileKind;
use crate::format::codec::Encoder;
use crate::format::envelope::{Envelope, seal_bytes};
use crate::format::subkeys::{AuditKey, Key, VaultId};
use crate::keys::subkey_ring::SubkeyRing;

/// By the id of the key.
pub(crate) type Retired = HashMap<String, AuditKey>;

fn bind(head: &[u8], vault: &VaultId, key_id: &str) -> Vec<u8> {
    let mut to = Encoder::new("keystroke/v1/retired-key", 192);
    to.bytes(head);
    to.bytes(vault);
    to.text(key_id);
    to.finish()
}

fn read(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<Vec<(String, Key)>> {
    let failed = |error: rusqlite::Error| read_error(file, &error);
    let mut statement = connection.prepare("SELECT key_id, sealed FROM retired").map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let (id, sealed): (String, Vec<u8>) =
            row.get(0).and_then(|id| Ok((id, row.get(1)?))).map_err(failed)?;
        let envelope = Envelope::parse(&sealed).map_err(|what| altered(file, what))?;
        let opened =
            envelope.open_bytes(&*subkeys.find(envelope.key_id)?, |head| bind(head, subkeys.vault(), &id));
        let mut key = Key::default();
        match opened {
            Some(opened) if opened.len() == key.len() => key.copy_from_slice(&opened),
            _ => return Err(altered(file, "an earlier key does not fit")),
        }
        keys.push((id, key));
    }
    Ok(keys)
}

/// The retired keys of this record.
pub(crate) fn load(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<Retired> {
    let keys = read(connection, subkeys, file)?;
    keys.into_iter().map(|(id, key)| Ok((id, AuditKey::of(&key)?))).collect()
}

/// The ids of the retired keys of this record.
pub(crate) fn ids(connection: &Connection, file: &Path) -> Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT key_id FROM retired").map_err(|error| read_error(file, &error))?;
    let ids = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect);
    ids.map_err(|error| read_error(file, &error))
}

/// Stores the keys that these rows are checked by, and seals all stored ones with the key that is in use now.
pub(crate) fn keep(file: &Path, subkeys: &SubkeyRing, more: Vec<(String, Key)>) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    let connection = connection::open_writer(file, FileKind::Audit)?;
    // The ring loses these keys next, and nothing else has what is stored here: a power loss must take neither it nor
    // the rows before it, after which no row and no head has an old key.
    connection::sync_each_commit(&connection, file)?;
    let transaction =
        Transaction::new_unchecked(&connection, TransactionBehavior::Immediate).map_err(failed)?;
    let active = subkeys.active()?;
    let mut keys = read(&transaction, subkeys, file)?;
    keys.extend(more);
    for (id, key) in keys {
        let body = Zeroizing::new(key.to_vec());
        let sealed = seal_bytes(&active, |head| bind(head, subkeys.vault(), &id), body)?;
        transaction
            .execute("INSERT OR REPLACE INTO retired (key_id, sealed) VALUES (?1, ?2)", params![id, sealed])
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}
