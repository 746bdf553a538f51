//! Removing old rows. What stays begins at a checkpoint under the head's HMAC: the number and the HMAC of the last
//! removed row, so that the rest stays chained to it and nobody else can shorten the record.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::chain::{Head, Tally};
use super::tampering::read_error;
use crate::error::{Result, VaultError};
use crate::file::connection;
use crate::file::tables::FileKind;
use crate::keys::subkey_ring::SubkeyRing;

/// Rows removed in one transaction; others write theirs in between.
const TOGETHER: u64 = 20_000;

/// Removes all rows up to `last`, oldest first. If it is killed, some of them are removed, and the rest is sound.
pub(crate) fn prune(file: &Path, subkeys: &SubkeyRing, last: u64) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    let connection = connection::open_writer(file, FileKind::Audit)?;
    loop {
        let transaction =
            Transaction::new_unchecked(&connection, TransactionBehavior::Immediate).map_err(failed)?;
        let mut head = Head::read(&transaction, subkeys, file)?;
        if head.base.last >= last {
            forget_keys(&transaction, subkeys, file)?;
            transaction.commit().map_err(failed)?;
            break;
        }
        let to = last.min(head.base.last + TOGETHER);
        let mac = transaction
            .query_row("SELECT mac FROM entries WHERE seq = ?1", [to.cast_signed()], |row| row.get(0))
            .map_err(|error| read_error(file, &error))?;
        head.base = Tally { last: to, mac };
        let key = subkeys.active()?;
        transaction
            .execute("DELETE FROM entries WHERE seq <= ?1", [to.cast_signed()])
            .and_then(|_| head.write(&transaction, &key))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    // Clears removed rows from the log; if others are reading at this moment, the next checkpoint does it.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::debug!(%error, "the audit record's log was not cleared");
    }
    Ok(())
}

/// Removes keys that no row is checked by any more, except those that are still in the ring: a rotation takes them
/// out.
fn forget_keys(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<()> {
    for id in super::retired_ids(connection, file)? {
        if subkeys.find(&id).is_ok() {
            continue;
        }
        connection
            .execute(
                "DELETE FROM retired WHERE key_id = ?1 AND NOT EXISTS (SELECT 1 FROM entries WHERE key_id = ?1)",
                params![id],
            )
            .map_err(|error| VaultError::sqlite(file, &error))?;
    }
    Ok(())
}
