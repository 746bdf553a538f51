//! The keys that a vault names as those that seal in it, with what tells the right key from another one with its id.

use std::path::Path;

use rusqlite::{Connection, params};

use super::generation;
use super::tables::FileKind;
use crate::error::{Result, VaultError};
use crate::format::marks::Mark;
use crate::format::subkeys::{Subkeys, VaultId};
use crate::keys::subkey_ring::SubkeyRing;

/// A ring has at most 64 KiB, and a key takes more than 40 bytes of it.
const MOST: usize = 1_600;

/// A key that the vault names.
pub(crate) struct VaultKey {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    mac: Vec<u8>,
}

/// Checks that every key that the vault names is in the ring and is the right one: a wrong key is found here and not
/// in the middle of a run. It also checks that the file has the format that it was last brought up to: if it could
/// claim an earlier one, what that format did not seal would be sealed as it stands. Call it in a transaction:
/// another process may be bringing the file up.
pub(crate) fn check(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<Vec<VaultKey>> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    let damaged = |what: String| VaultError::Damaged { file: file.to_owned(), what };
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let keys = list(connection, file)?;
    for VaultKey { id, created_at, mac } in &keys {
        let key = subkeys.find(id)?;
        let mark = |format| Mark::Key { created_at: *created_at, format };
        let fits = |format| mark(format).fits(&key, subkeys.vault(), mac);
        if fits(format) {
            continue;
        }
        return Err(if (1..=FileKind::Vault.format()).any(fits) {
            damaged("its format was altered outside keystroke".to_owned())
        } else {
            VaultError::WrongKey { id: id.clone(), source: subkeys.source().describe() }
        });
    }
    if keys.is_empty() { Err(damaged("it names no key".to_owned())) } else { Ok(keys) }
}

/// The keys that the vault names, the oldest first.
fn list(connection: &Connection, file: &Path) -> Result<Vec<VaultKey>> {
    let keys = connection
        .prepare(&format!(
            "SELECT key_id, created_at, mac FROM keys ORDER BY created_at, key_id LIMIT {}",
            MOST + 1
        ))
        .and_then(|mut statement| {
            let rows = statement.query_map([], |row| {
                Ok(VaultKey { id: row.get(0)?, created_at: row.get(1)?, mac: row.get(2)? })
            });
            rows.and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        });
    let keys = keys.map_err(|error| VaultError::sqlite(file, &error))?;
    if keys.len() > MOST {
        let what = format!("it names more than {MOST} keys, which no ring holds");
        return Err(VaultError::Damaged { file: file.to_owned(), what });
    }
    Ok(keys)
}

/// Adds what a vault of format 1 lacks: the seal of its generation, and keys that say since when they are named and
/// in which format.
pub(crate) fn bring_up(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<()> {
    generation::first(connection, subkeys, file)?;
    for VaultKey { id, created_at, .. } in list(connection, file)? {
        let mark = Mark::Key { created_at, format: FileKind::Vault.format() };
        let mac = mark.seal(&*subkeys.find(&id)?, subkeys.vault());
        connection
            .execute("UPDATE keys SET mac = ?2 WHERE key_id = ?1", params![id, mac])
            .map_err(|error| VaultError::sqlite(file, &error))?;
    }
    Ok(())
}

/// Notes that `key` seals in this vault from now on.
pub(crate) fn add(connection: &Connection, key: &Subkeys, vault: &VaultId, now: i64) -> rusqlite::Result<()> {
    let mac = Mark::Key { created_at: now, format: FileKind::Vault.format() }.seal(key, vault);
    connection.execute(
        "INSERT OR IGNORE INTO keys (key_id, created_at, mac) VALUES (?1, ?2, ?3)",
        params![key.id, now, mac],
    )?;
    Ok(())
}

/// Makes the vault no longer name this key.
pub(crate) fn remove(connection: &Connection, key_id: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM keys WHERE key_id = ?1", [key_id]).map(drop)
}

/// Makes this process use a key that another one added to the ring: the old one may soon leave the ring.
pub(crate) fn know(connection: &Connection, subkeys: &SubkeyRing, file: &Path) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    let mut statement = connection.prepare("SELECT key_id FROM keys").map_err(failed)?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
    for id in ids {
        subkeys.find(&id.map_err(failed)?)?;
    }
    Ok(())
}
