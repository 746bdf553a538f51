//! Where an instance is, by its id alone.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::error::{Result, VaultError};

/// An organization and a key.
pub(crate) type Place = (String, String);

/// By the index of ids, unchecked: the group there is still to be read, under its seal.
pub(crate) fn by_index(connection: &Connection, id: &str) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare("SELECT organization, key FROM instances WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// For who would be told that there is no such instance. No seal covers the index, so an id that is not in it is looked
/// for in the table too, which takes as long as there are instances.
pub(crate) fn for_sure(connection: &Connection, path: &Path, id: &str) -> Result<Option<Place>> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    if let Some(place) = by_index(connection, id).map_err(failed)? {
        return Ok(Some(place));
    }
    let there = connection
        .prepare("SELECT 1 FROM instances NOT INDEXED WHERE id = ?1")
        .and_then(|mut there| there.query_row([id], |_| Ok(())).optional())
        .map_err(failed)?;
    match there {
        None => Ok(None),
        Some(()) => {
            let what = format!("its index lacks `{id}`");
            Err(VaultError::Damaged { file: path.to_owned(), what })
        }
    }
}
