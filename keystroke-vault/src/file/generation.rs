//! The vault's generation: the number of changes that were made to it. No version is above it, and by it the audit record
//! tells which changes came to pass.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::{Result, VaultError};
use crate::format::columns::counted;
use crate::format::marks::Mark;
use crate::format::subkeys::{Subkeys, VaultId};
use crate::keys::subkey_ring::SubkeyRing;

/// The generation as it is now.
pub(crate) fn read(connection: &Connection, subkeys: &SubkeyRing, path: &Path) -> Result<u64> {
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
    let key = subkeys.find(&key_id)?;
    if Mark::Generation(generation).fits(&key, subkeys.vault(), &mac) {
        counted(generation).ok_or_else(altered)
    } else {
        Err(altered())
    }
}

/// Writes a new generation, or seals the one that is there again.
pub(crate) fn write(
    connection: &Connection,
    key: &Subkeys,
    vault: &VaultId,
    generation: i64,
) -> rusqlite::Result<()> {
    connection.execute("UPDATE meta SET generation = ?1 WHERE id = 1", [generation])?;
    let mac = Mark::Generation(generation).seal(key, vault);
    connection.execute(
        "INSERT OR REPLACE INTO counter (id, key_id, mac) VALUES (1, ?1, ?2)",
        params![key.id, mac],
    )?;
    Ok(())
}

/// Seals the generation of a vault of format 1, which had no seal for it.
pub(crate) fn first(connection: &Connection, subkeys: &SubkeyRing, path: &Path) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let generation = connection
        .query_row("SELECT generation FROM meta WHERE id = 1", [], |row| row.get(0))
        .map_err(failed)?;
    let key = subkeys.active()?;
    write(connection, &key, subkeys.vault(), generation).map_err(failed)
}
