//! The keys that a vault names as those that seal in it, with what tells the right one from another of its id.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::codec::Encoder;
use crate::counter;
use crate::error::{Result, VaultError};
use crate::ring::{Keyring, Subkeys, VaultId};
use crate::schema::Kind;

/// A ring has 64 KiB at most, and a key more than 40 bytes in it.
const MOST: usize = 1_600;

/// A key that the vault names.
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    mac: Vec<u8>,
}

/// Every key that the vault names is in the ring and is the right one: a wrong key is found here and not in
/// the middle of a run. And the file is of the format that it was last brought up to: one that says that it is of an
/// earlier one would have sealed anew what earlier ones did not seal. To be called in a transaction: another process may
/// bring the file up just now.
pub(crate) fn check(connection: &Connection, keyring: &Keyring, file: &Path) -> Result<Vec<Named>> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(file, &error);
    let damaged = |what: String| VaultError::Damaged { file: file.to_owned(), what };
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let named = keys(connection, file)?;
    for Named { id, created_at, mac } in &named {
        let key = keyring.find(id)?;
        let fits = |format| key.seal_fits(&key_check(keyring.vault(), id, *created_at, format), mac);
        if fits(format) {
            continue;
        }
        return Err(if (1..=Kind::Vault.format()).any(fits) {
            damaged("its format was altered outside keystroke".to_owned())
        } else {
            VaultError::WrongKey { id: id.clone(), source: keyring.source().describe() }
        });
    }
    if named.is_empty() { Err(damaged("it names no key".to_owned())) } else { Ok(named) }
}

/// The keys that the vault names, the oldest first.
fn keys(connection: &Connection, file: &Path) -> Result<Vec<Named>> {
    let keys = connection
        .prepare(&format!(
            "SELECT key_id, created_at, mac FROM keys ORDER BY created_at, key_id LIMIT {}",
            MOST + 1
        ))
        .and_then(|mut statement| {
            let rows = statement.query_map([], |row| {
                Ok(Named { id: row.get(0)?, created_at: row.get(1)?, mac: row.get(2)? })
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

/// What a vault of format 1 lacks: the seal of its number of changes, and keys that say since when they are named and in
/// which format.
pub(crate) fn bring_up(connection: &Connection, keyring: &Keyring, file: &Path) -> Result<()> {
    counter::first(connection, keyring, file)?;
    for Named { id, created_at, .. } in keys(connection, file)? {
        let check = key_check(keyring.vault(), &id, created_at, Kind::Vault.format());
        let mac = keyring.find(&id)?.seal_mac(&check);
        connection
            .execute("UPDATE keys SET mac = ?2 WHERE key_id = ?1", params![id, mac])
            .map_err(|error| VaultError::sqlite(file, &error))?;
    }
    Ok(())
}

/// Notes that `key` seals in this vault from now on.
pub(crate) fn add(connection: &Connection, key: &Subkeys, vault: &VaultId, now: i64) -> rusqlite::Result<()> {
    let mac = key.seal_mac(&key_check(vault, &key.id, now, Kind::Vault.format()));
    connection.execute(
        "INSERT OR IGNORE INTO keys (key_id, created_at, mac) VALUES (?1, ?2, ?3)",
        params![key.id, now, mac],
    )?;
    Ok(())
}

fn key_check(vault: &VaultId, id: &str, created_at: i64, format: i64) -> Vec<u8> {
    let mut to = Encoder::new("keystroke/v1/key-check", 128);
    to.signed(format);
    to.bytes(vault);
    to.text(id);
    if format > 1 {
        to.signed(created_at);
    }
    to.finish()
}
