//! The schema of the two files: ours to the letter, and in this version's format once a vault is open.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::header::check_format;
use super::tables::FileKind;
use crate::error::{Result, VaultError};

/// The tables are ours to the letter, and there is nothing beside them.
pub(super) fn check(connection: &Connection, path: &Path, kind: FileKind) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    // As of one moment: another process may bring the file up between the reads of its format and its tables.
    let connection = &*connection.unchecked_transaction().map_err(failed)?;
    // The header was checked too, but a newer version's change may still be only in the log.
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    check_format(path, kind, format)?;
    let mut statement = connection
        .prepare(
            "SELECT type, name, sql FROM sqlite_schema WHERE NOT (type IN ('index', 'table') AND name \
            LIKE 'sqlite\\_%' ESCAPE '\\')",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut found = 0_usize;
    while let Some(row) = rows.next().map_err(failed)? {
        let name: String = row.get(1).map_err(failed)?;
        let sql: Option<String> = row.get(2).map_err(failed)?;
        let ours =
            kind.tables_of(format).any(|ours| ours.name == name && Some(ours.statement) == sql.as_deref());
        if !ours {
            let what = format!("its tables were changed (`{}`)", name.chars().take(64).collect::<String>());
            return Err(VaultError::Damaged { file: path.to_owned(), what });
        }
        found += 1;
    }
    if found == kind.tables_of(format).count() {
        Ok(())
    } else {
        Err(VaultError::Damaged { file: path.to_owned(), what: "tables are missing".to_owned() })
    }
}

/// Makes the tables of a new file, with no rows, and says what file it is.
pub(crate) fn create(transaction: &Transaction<'_>, kind: FileKind) -> rusqlite::Result<()> {
    for table in kind.tables() {
        transaction.execute(table.statement, [])?;
    }
    transaction.pragma_update(None, "application_id", kind.application())?;
    transaction.pragma_update(None, "user_version", kind.format())
}

/// Brings a file of an earlier format up to this version's. Of several processes that try at once one does it, under
/// SQLite's lock, and the others find it done; a killed one leaves the file as it was. From then on earlier versions
/// of keystroke refuse to open it. `fill` fills the new tables.
pub(crate) fn bring_up(
    connection: &Connection,
    path: &Path,
    kind: FileKind,
    fill: impl FnOnce(&Connection) -> Result<()>,
) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    let format = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map_err(failed)
    };
    if format(connection)? == kind.format() {
        return Ok(());
    }
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    let from = format(&transaction)?;
    check_format(path, kind, from)?;
    if from == kind.format() {
        return Ok(());
    }
    let write = || {
        for table in kind.tables().filter(|table| table.since > from) {
            transaction.execute(table.statement, [])?;
        }
        transaction.execute("UPDATE meta SET format = ?1 WHERE id = 1", [kind.format()])?;
        transaction.pragma_update(None, "user_version", kind.format())
    };
    write().map_err(failed)?;
    fill(&transaction)?;
    transaction.commit().map_err(failed)
}
