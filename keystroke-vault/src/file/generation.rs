//! The number of changes that were made to the vault, its generation: no version is above it, and by it the audit
//! record tells which changes came to pass. It has a seal of its own, since it belongs to no group.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::codec::Encoder;
use crate::error::{Result, VaultError};
use crate::ring::{Keyring, Subkeys, VaultId};

/// A version or number of changes as a column holds it. The highest is no number either: nothing could follow.
pub(crate) fn counted(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|_| number < i64::MAX)
}

fn canonical(vault: &VaultId, key_id: &str, generation: i64) -> Vec<u8> {
    let mut to = Encoder::new("keystroke/v1/counter", 128);
    to.bytes(vault);
    to.text(key_id);
    to.signed(generation);
    to.finish()
}

/// The number as it is now.
pub(crate) fn read(connection: &Connection, keyring: &Keyring, path: &Path) -> Result<u64> {
    let row = connection
        .query_row(
            "SELECT meta.generation, counter.key_id, counter.mac FROM meta, counter WHERE meta.id = 1 AND \
             counter.id = 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?)),
        )
        .optional()
        .map_err(|error| VaultError::sqlite(path, &error))?;
    let altered = || VaultError::Damaged {
        file: path.to_owned(),
        what: "its number of changes was altered outside keystroke".to_owned(),
    };
    let (generation, key_id, mac) = row.ok_or_else(altered)?;
    let key = keyring.find(&key_id)?;
    if key.seal_fits(&canonical(keyring.vault(), &key_id, generation), &mac) {
        counted(generation).ok_or_else(altered)
    } else {
        Err(altered())
    }
}

/// Puts the next number in its place, or seals the one that is there.
pub(crate) fn write(
    connection: &Connection,
    key: &Subkeys,
    vault: &VaultId,
    generation: i64,
) -> rusqlite::Result<()> {
    connection.execute("UPDATE meta SET generation = ?1 WHERE id = 1", [generation])?;
    let mac = key.seal_mac(&canonical(vault, &key.id, generation));
    connection.execute(
        "INSERT OR REPLACE INTO counter (id, key_id, mac) VALUES (1, ?1, ?2)",
        params![key.id, mac],
    )?;
    Ok(())
}

/// Seals the number of a vault of format 1, which had no seal of it.
pub(crate) fn first(connection: &Connection, keyring: &Keyring, path: &Path) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let generation = connection
        .query_row("SELECT generation FROM meta WHERE id = 1", [], |row| row.get(0))
        .map_err(failed)?;
    let key = keyring.active()?;
    write(connection, &key, keyring.vault(), generation).map_err(failed)
}
