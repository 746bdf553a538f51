//! Opens SQLite connections to the two files: limits and switches under which nothing planted in a file can run, the
//! journal's mode, and the wait for other processes ([`busy`](super::busy)).

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::busy::{PATIENCE, wait_for};
use super::schema;
use super::tables::FileKind;
use crate::error::{Result, VaultError};
use crate::format::subkeys::VaultId;

/// How long a reader of the vault waits, perhaps in an executor's thread. With a write-ahead log nobody makes it wait
/// at all, except a process that repairs or replaces that log.
const READING: Duration = Duration::from_millis(50);

/// The longest statement, in bytes, those of a file's schema included.
const LONGEST_STATEMENT: i32 = 16 * 1024;

/// A connection that can write, to a file that is there.
pub(crate) fn open_writer(path: &Path, kind: FileKind) -> Result<Connection> {
    let connection = open(path, kind, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // SQLite opens a file that it may not write read-only instead, and says so only here.
    if connection.is_readonly("main").map_err(|error| VaultError::sqlite(path, &error))? {
        return Err(VaultError::ReadOnly { folder: path.parent().unwrap_or(path).to_owned() });
    }
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn open_reader(path: &Path, kind: FileKind) -> Result<Connection> {
    open(path, kind, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// A connection to the file of this name. This build of SQLite takes `file:…` for more than a name, whatever the
/// flags say; it takes a name that begins with a folder as it is.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time, so SQLite's own mutex would guard nothing.
    Connection::open_with_flags(Path::new(".").join(path), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn open(path: &Path, kind: FileKind, flags: OpenFlags) -> Result<Connection> {
    let patience = match kind {
        FileKind::Vault if !flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) => READING,
        _ => PATIENCE,
    };
    let mut connection = connect(path, flags).map_err(|error| {
        // It was there when the vault was opened; SQLite says "unable to open" for this and much else.
        if path.exists() {
            VaultError::sqlite(path, &error)
        } else {
            VaultError::Replaced { file: path.to_owned() }
        }
    })?;
    set_up(&mut connection, kind, patience).map_err(|error| VaultError::sqlite(path, &error))?;
    schema::check(&connection, path, kind)?;
    Ok(connection)
}

/// Settings of each connection. Triggers, views and whatever else a planted schema could run are off: a seal
/// is computed by whoever has the key, so nothing may run between a change and its seal.
pub(crate) fn set_up(
    connection: &mut Connection,
    kind: FileKind,
    patience: Duration,
) -> rusqlite::Result<()> {
    // First: the first statement reads the schema, which may be planted.
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, kind.longest_row())?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)?;
    wait_for(connection, patience)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // Plans don't depend on bound values, so a cached statement is planned once.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let synchronous = match kind {
        FileKind::Vault => "FULL",
        FileKind::Audit => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// Makes each commit of this connection survive a power loss.
pub(crate) fn sync_each_commit(connection: &Connection, path: &Path) -> Result<()> {
    connection.pragma_update(None, "synchronous", "FULL").map_err(|error| VaultError::sqlite(path, &error))
}

/// Makes a file keep its changes in a log beside it, as it did when it was made. A copy made by `VACUUM INTO` does
/// not: whoever changed it would make every reader wait.
pub(crate) fn keep_log(connection: &Connection, path: &Path) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let is_log = |row: &rusqlite::Row<'_>| Ok(row.get_ref(0)?.as_str()? == "wal");
    if connection.pragma_query_value(None, "journal_mode", is_log).map_err(failed)?
        || connection.pragma_update_and_check(None, "journal_mode", "WAL", is_log).map_err(failed)?
    {
        return Ok(());
    }
    let message = "this file system cannot hold its log".to_owned();
    Err(VaultError::Sqlite { file: path.to_owned(), message })
}

/// Makes a file complete by itself, without a log. Nobody else may have it open.
pub(crate) fn leave_log(path: &Path, kind: FileKind) -> Result<()> {
    let connection = open_writer(path, kind)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .map_err(|error| VaultError::sqlite(path, &error))?;
    if mode == "delete" { Ok(()) } else { Err(VaultError::Busy { file: path.to_owned() }) }
}

/// Checks every page of a file, also those that no row is read from: a broken one would stop the next change, and a
/// broken index hides rows.
pub(crate) fn check_pages(connection: &Connection, path: &Path) -> Result<()> {
    let found: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| VaultError::sqlite(path, &error))?;
    if found == "ok" {
        return Ok(());
    }
    // It names tables and places, and no value of a column.
    let what = found.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect::<String>();
    Err(VaultError::Damaged { file: path.to_owned(), what: format!("its pages do not fit together: {what}") })
}

/// The random id of the vault that the file is.
pub(crate) fn vault_of(connection: &Connection, file: &Path) -> Result<VaultId> {
    connection
        .query_row("SELECT vault FROM meta WHERE id = 1", [], |row| row.get(0))
        .map_err(|error| VaultError::sqlite(file, &error))
}

#[cfg(test)]
mod tests;
