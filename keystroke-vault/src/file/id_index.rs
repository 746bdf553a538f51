//! Where an instance is, by its id alone.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::error::{Result, VaultError};

/// An organization and a key.
pub(crate) type Place = (String, String);

/// By the index of ids, unchecked: the group there is still to be read, under its seal.
pub(crate) fn by_index(connection: &Connection, id: &str) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare_cached("SELECT organization, key FROM instances WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// For who would be told that there is no such instance. No seal covers the index: where it leads must be a row, and an
/// id that is not in it is looked for in the table too, which takes as long as there are instances.
pub(crate) fn for_sure(connection: &Connection, path: &Path, id: &str) -> Result<Option<Place>> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let is_there = |query: &str, texts: &[&str]| {
        let found = connection
            .prepare(query)
            .and_then(|mut query| query.query_row(rusqlite::params_from_iter(texts), |_| Ok(())).optional());
        found.map(|found| found.is_some()).map_err(failed)
    };
    let place = by_index(connection, id).map_err(failed)?;
    // Both read a column that the index has not, so that it is not the index itself that answers.
    let fits = match &place {
        Some((organization, key)) => is_there(
            "SELECT scope FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3",
            &[organization, key, id],
        )?,
        None => !is_there("SELECT scope FROM instances WHERE +id = ?1", &[id])?,
    };
    if fits {
        return Ok(place);
    }
    let what = "its index of ids does not fit its rows".to_owned();
    Err(VaultError::Damaged { file: path.to_owned(), what })
}
