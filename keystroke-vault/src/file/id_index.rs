//! Where an instance is, by its id alone.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::error::{Result, VaultError};
use crate::format::group::GroupId;

/// By the index of ids, unchecked: the group there is still to be read, under its seal.
pub(crate) fn look_up(connection: &Connection, id: &str) -> rusqlite::Result<Option<GroupId>> {
    connection
        .prepare_cached("SELECT organization, key FROM instances WHERE id = ?1")?
        .query_row([id], |row| Ok(GroupId { organization: row.get(0)?, key: row.get(1)? }))
        .optional()
}

/// For callers who would be told that there is no such instance. No seal covers the index: where it leads must be a row,
/// and an id that is not in it is looked for in the table too, which takes as long as there are instances.
pub(crate) fn look_up_for_sure(connection: &Connection, path: &Path, id: &str) -> Result<Option<GroupId>> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let is_there = |query: &str, texts: &[&str]| {
        let found = connection
            .prepare(query)
            .and_then(|mut query| query.query_row(rusqlite::params_from_iter(texts), |_| Ok(())).optional());
        found.map(|found| found.is_some()).map_err(failed)
    };
    let group = look_up(connection, id).map_err(failed)?;
    // Both read a column that the index lacks, so that it is not the index itself that answers.
    let fits = match &group {
        Some(GroupId { organization, key }) => is_there(
            "SELECT scope FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3",
            &[organization, key, id],
        )?,
        None => !is_there("SELECT scope FROM instances WHERE +id = ?1", &[id])?,
    };
    if fits {
        return Ok(group);
    }
    let what = "its index of ids does not fit its rows".to_owned();
    Err(VaultError::Damaged { file: path.to_owned(), what })
}
