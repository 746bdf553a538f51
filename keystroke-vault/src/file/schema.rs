//! The two files: what is in them, how they are told from other files before anything is written, and how a
//! connection to one is set up so that nothing which an attacker planted in it runs.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{Result, VaultError};
use crate::kept;
use crate::ring::VaultId;
use crate::seal;

/// How long to wait for another process's lock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long a reader of the vault waits, in what may be an executor's thread. With a write-ahead log nobody makes
/// it wait at all, but for who repairs or replaces that log.
const READING: Duration = Duration::from_millis(50);

/// What a statement has at most, in bytes, those of a file's schema included.
const LONGEST_STATEMENT: i32 = 16 * 1024;

/// One of the two files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Vault,
    Audit,
}

impl Kind {
    /// SQLite's `application_id`: `KSTV` and `KSTA`.
    pub(crate) const fn application(self) -> i32 {
        match self {
            Self::Vault => i32::from_be_bytes(*b"KSTV"),
            Self::Audit => i32::from_be_bytes(*b"KSTA"),
        }
    }

    /// The format that this version writes: SQLite's `user_version`. It reads the earlier ones, and brings a file
    /// up to this one when it is opened.
    pub(crate) const fn format(self) -> i64 {
        match self {
            Self::Vault | Self::Audit => 2,
        }
    }

    /// How many bytes a row may have, so that what somebody planted is refused before it is read. Of the vault that is the
    /// longest sealed secret and room for the rest; of the record, some twenty texts of 512 bytes.
    const fn longest_row(self) -> i32 {
        match self {
            Self::Vault => seal::LONGEST as i32 + 256 * 1024,
            Self::Audit => 64 * 1024,
        }
    }

    /// The statements that make the file's tables, as SQLite keeps them.
    pub(crate) fn tables(self) -> impl Iterator<Item = &'static Table> {
        self.tables_of(self.format())
    }

    /// The tables that a file of this format has.
    fn tables_of(self, format: i64) -> impl Iterator<Item = &'static Table> {
        let tables = match self {
            Self::Vault => VAULT,
            Self::Audit => AUDIT,
        };
        tables.iter().filter(move |table| table.since <= format)
    }
}

/// A table or an index of it.
pub(crate) struct Table {
    name: &'static str,
    pub(crate) statement: &'static str,
    /// The first format that has it. What is there is never altered, so bringing a file up is adding to it.
    since: i64,
}

const fn table(name: &'static str, statement: &'static str) -> Table {
    Table { name, statement, since: 1 }
}

/// `WITHOUT ROWID` where a group's rows should lie side by side; the sealed part comes last in a row.
const VAULT: &[Table] = &[
    table(
        "meta",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, vault BLOB NOT \
         NULL, created_at INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT",
    ),
    table(
        "keys",
        "CREATE TABLE keys (key_id TEXT NOT NULL PRIMARY KEY, created_at INTEGER NOT NULL, mac BLOB NOT \
         NULL) STRICT, WITHOUT ROWID",
    ),
    table(
        "instances",
        "CREATE TABLE instances (organization TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, scope \
         TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, label TEXT, is_default INTEGER NOT NULL, \
         status TEXT NOT NULL, version INTEGER NOT NULL, account TEXT, granted TEXT NOT NULL, expires_at \
         INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, fields TEXT NOT NULL, \
         short_fields TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (organization, key, id)) STRICT, \
         WITHOUT ROWID",
    ),
    table("instances_id", "CREATE UNIQUE INDEX instances_id ON instances (id)"),
    table(
        "instances_default",
        "CREATE UNIQUE INDEX instances_default ON instances (organization, key, scope, owner) WHERE \
         is_default = 1",
    ),
    table(
        "assignments",
        "CREATE TABLE assignments (organization TEXT NOT NULL, key TEXT NOT NULL, project TEXT NOT NULL, \
         consumer_kind TEXT NOT NULL, consumer TEXT NOT NULL, action TEXT NOT NULL, instance TEXT NOT \
         NULL, PRIMARY KEY (organization, key, project, consumer_kind, consumer, action)) STRICT, WITHOUT \
         ROWID",
    ),
    table(
        "seals",
        "CREATE TABLE seals (organization TEXT NOT NULL, key TEXT NOT NULL, key_id TEXT NOT NULL, mac BLOB \
         NOT NULL, PRIMARY KEY (organization, key)) STRICT, WITHOUT ROWID",
    ),
    // The seal of the number of changes (`counter.rs`).
    Table {
        name: "counter",
        statement: "CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), key_id TEXT NOT NULL, mac BLOB \
                    NOT NULL) STRICT",
        since: 2,
    },
];

const AUDIT: &[Table] = &[
    table(
        "meta",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, vault BLOB NOT \
         NULL, created_at INTEGER NOT NULL) STRICT",
    ),
    table(
        "head",
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), base_seq INTEGER NOT NULL, base_mac \
         BLOB NOT NULL, last_seq INTEGER NOT NULL, last_mac BLOB NOT NULL, key_id TEXT NOT NULL, mac BLOB \
         NOT NULL) STRICT",
    ),
    table(
        "entries",
        "CREATE TABLE entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, run \
         TEXT, origin TEXT, consumer TEXT, action TEXT, organization TEXT, project TEXT, user TEXT, key \
         TEXT, field TEXT, instance TEXT, version INTEGER, generation INTEGER, rule TEXT, code TEXT, cause \
         TEXT, os_user TEXT NOT NULL, uid INTEGER, process INTEGER NOT NULL, program TEXT NOT NULL, key_id TEXT NOT NULL, mac \
         BLOB NOT NULL) STRICT",
    ),
    // What earlier keys left behind: their rows are checked by it (`audit/retired.rs`).
    Table {
        name: "retired",
        statement: "CREATE TABLE retired (key_id TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, \
                    WITHOUT ROWID",
        since: 2,
    },
];

/// Looks at the file's first bytes, and refuses what is not ours before SQLite touches it: opening a database
/// in WAL mode already writes files beside it. `None` if there is no file.
pub(crate) fn check_header(path: &Path, kind: Kind) -> Result<Option<()>> {
    let not = |what: &str| VaultError::NotAVault { file: path.to_owned(), what: what.to_owned() };
    let damaged = |what: &str| VaultError::Damaged { file: path.to_owned(), what: what.to_owned() };
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(VaultError::io(path, error)),
    };
    if about.is_dir() {
        return Err(not("a folder"));
    }
    if !about.is_file() {
        return Err(not("no regular file"));
    }
    let mut header = vec![0; 100];
    let read = kept::read_start(path, &mut header).map_err(|error| VaultError::io(path, error))?;
    header.truncate(read);
    if header.is_empty() {
        return Err(damaged("it is empty"));
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(not("no SQLite database"));
    }
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        bytes.ok_or_else(|| damaged("it is cut short"))
    };
    let page = match number(16)? >> 16 {
        1 => 65_536,
        size => u64::from(size),
    };
    if number(68)? != kind.application().cast_unsigned() {
        return Err(not("the database of another application"));
    }
    check_format(path, kind, i64::from(number(60)?))?;
    // With a write-ahead log the file may lawfully be behind its header: then SQLite finds out.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = fs::metadata(Path::new(&log)).map_or(0, |about| about.len());
    if log == 0 && about.len() < page * u64::from(number(28)?) {
        return Err(damaged("it is cut short"));
    }
    Ok(Some(()))
}

fn check_format(path: &Path, kind: Kind, format: i64) -> Result<()> {
    match format {
        format if (1..=kind.format()).contains(&format) => Ok(()),
        format if format > kind.format() => Err(VaultError::NewerFormat { file: path.to_owned(), format }),
        _ => Err(VaultError::Damaged { file: path.to_owned(), what: "it has no format number".to_owned() }),
    }
}

/// A connection that can write, to a file that is there.
pub(crate) fn open_writer(path: &Path, kind: Kind) -> Result<Connection> {
    let connection = open(path, kind, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // SQLite opens a file that it may not write for reading instead, and says so only here.
    if connection.is_readonly("main").map_err(|error| VaultError::sqlite(path, &error))? {
        return Err(VaultError::ReadOnly { folder: path.parent().unwrap_or(path).to_owned() });
    }
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn open_reader(path: &Path, kind: Kind) -> Result<Connection> {
    open(path, kind, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Brings a file of an earlier format up to this version's. Of several processes that do so at once one does it, under
/// SQLite's lock, and the others find it done; a killed one leaves the file as it was. From then on earlier versions
/// of keystroke refuse to open it. `fill` puts into the new tables what has to be there.
pub(crate) fn bring_up(
    connection: &Connection,
    path: &Path,
    kind: Kind,
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

/// Has a file keep its changes in a log beside it, as it was made to. A copy by `VACUUM INTO` that was put in its
/// place does not: then whoever changes it would make every reader wait.
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

/// Has a file hold all that it is by itself, without a log. Nobody else may have it open.
pub(crate) fn leave_log(path: &Path, kind: Kind) -> Result<()> {
    let connection = open_writer(path, kind)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .map_err(|error| VaultError::sqlite(path, &error))?;
    if mode == "delete" { Ok(()) } else { Err(VaultError::Busy { file: path.to_owned() }) }
}

/// Checks every page of a file, also where no row is read from: what is broken there would stop the next change, and
/// an index that is broken hides rows.
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

/// A connection to the file of this name. SQLite as it is built here takes `file:…` for more than a name, whatever
/// the flags say; a name that begins with a folder it takes as it is.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time, so SQLite's own mutex would guard nothing.
    Connection::open_with_flags(Path::new(".").join(path), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn open(path: &Path, kind: Kind, flags: OpenFlags) -> Result<Connection> {
    let patience = match kind {
        Kind::Vault if !flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) => READING,
        _ => PATIENCE,
    };
    let mut connection = connect(path, flags).map_err(|error| {
        // It was there when the vault was opened; SQLite says "unable to open" of this and much else.
        if path.exists() {
            VaultError::sqlite(path, &error)
        } else {
            VaultError::Replaced { file: path.to_owned() }
        }
    })?;
    set_up(&mut connection, kind, patience).map_err(|error| VaultError::sqlite(path, &error))?;
    check_schema(&connection, path, kind)?;
    Ok(connection)
}

/// How often who waits for [`PATIENCE`] looks whether it is its turn.
const TURN: Duration = Duration::from_millis(2);

/// Has a connection wait for another one's lock. SQLite's own way to wait looks ever less often, up to ten times a second,
/// so that of many who write all the time one may never get its turn; here all look as often as each other.
pub(crate) fn wait_for(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    if patience < PATIENCE {
        return connection.busy_timeout(patience);
    }
    connection.busy_handler(Some(|looked| {
        // Counted, not timed: where the machine is busy everything takes longer, this too.
        let goes_on =
            u128::try_from(looked).is_ok_and(|looked| looked < PATIENCE.as_millis() / TURN.as_millis());
        if goes_on {
            std::thread::sleep(TURN);
        }
        goes_on
    }))
}

/// Settings of each connection. Triggers, views and whatever else a planted schema could run are off: a seal
/// is computed by whoever has the key, so nothing may run between a change and its seal.
pub(crate) fn set_up(connection: &mut Connection, kind: Kind, patience: Duration) -> rusqlite::Result<()> {
    // First: the schema is read with the first statement, and may be what was planted.
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, kind.longest_row())?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_STATEMENT)?;
    wait_for(connection, patience)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // A plan depends on no value, so a statement that is kept is not planned anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let synchronous = match kind {
        Kind::Vault => "FULL",
        Kind::Audit => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// Has each commit of this connection survive a loss of power.
pub(crate) fn sync_each_commit(connection: &Connection, path: &Path) -> Result<()> {
    connection.pragma_update(None, "synchronous", "FULL").map_err(|error| VaultError::sqlite(path, &error))
}

/// The tables are ours to the letter, and there is nothing beside them.
fn check_schema(connection: &Connection, path: &Path, kind: Kind) -> Result<()> {
    let failed = |error: rusqlite::Error| VaultError::sqlite(path, &error);
    // Of one moment: another process may bring the file up between the reading of its format and of its tables.
    let connection = &*connection.unchecked_transaction().map_err(failed)?;
    // The header said so as well, but a newer version's change may still be in the log only.
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

/// The random id of the vault that the file is.
pub(crate) fn vault_of(connection: &Connection, file: &Path) -> Result<VaultId> {
    connection
        .query_row("SELECT vault FROM meta WHERE id = 1", [], |row| row.get(0))
        .map_err(|error| VaultError::sqlite(file, &error))
}

/// Which file lies under a path: one that is renamed over it is another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    device: u64,
    file: u64,
}

impl Place {
    /// The file under the path now.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let about = fs::metadata(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => VaultError::Replaced { file: path.to_owned() },
            _ => VaultError::io(path, error),
        })?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Ok(Self { device: about.dev(), file: about.ino() })
        }
        // Elsewhere an open file can't be renamed over.
        #[cfg(not(unix))]
        {
            drop(about);
            Ok(Self { device: 0, file: 0 })
        }
    }

    /// Whether that file is still this one.
    pub(crate) fn check(self, path: &Path) -> Result<()> {
        if Self::of(path)? == self { Ok(()) } else { Err(VaultError::Replaced { file: path.to_owned() }) }
    }
}

/// Whether the file that the connection has open is still the one under its path.
pub(crate) fn check_place(connection: &Connection, path: &Path) -> Result<()> {
    let mut moved = 0;
    connection
        .file_control(None::<&str>, rusqlite::FileControl::HasMoved(&mut moved))
        .map_err(|error| VaultError::sqlite(path, &error))?;
    if moved == 0 { Ok(()) } else { Err(VaultError::Replaced { file: path.to_owned() }) }
}

#[cfg(test)]
mod tests;
