//! The tables of the two files, and what their rows belong to. The operations that go over the whole vault ask for that
//! ([`all_tables`](super::all_tables)), so a new table is part of each of them once it is declared here.

use crate::format::envelope;

/// One of the two files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Vault,
    Audit,
}

impl FileKind {
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

    /// The longest row, in bytes: planted rows are refused before they are read. For the vault that is the longest
    /// sealed secret and room for the rest; for the record, some twenty texts of 512 bytes.
    pub(super) const fn longest_row(self) -> i32 {
        match self {
            Self::Vault => envelope::LONGEST as i32 + 256 * 1024,
            Self::Audit => 64 * 1024,
        }
    }

    /// The statements that make the file's tables, as SQLite keeps them.
    pub(crate) fn tables(self) -> impl Iterator<Item = &'static Table> {
        self.tables_of(self.format())
    }

    /// The tables that a file of this format has.
    pub(super) fn tables_of(self, format: i64) -> impl Iterator<Item = &'static Table> {
        let tables = match self {
            Self::Vault => VAULT,
            Self::Audit => AUDIT,
        };
        tables.iter().filter(move |table| table.since <= format)
    }
}

/// A table or an index of it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) statement: &'static str,
    pub(crate) rows: Rows,
    pub(crate) sealed_by: SealedBy,
    /// The first format that has it. Existing tables are never altered, so bringing a file up means adding some.
    pub(super) since: i64,
}

/// What the rows of a table belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// It is an index and has none of its own.
    Index,
    /// To the file, whatever it holds. A file keeps its own when a backup is put back into it.
    OfFile,
    /// To the vault as a whole. They are put back with it.
    OfVault,
    /// To the group that their columns `organization` and `key` name. They are put back with the vault, and discarded with
    /// the group.
    OfGroup,
    /// To a group, and in it to the instance that this column names. They are removed with it, too.
    OfInstance(&'static str),
}

/// How the rows of a table of the vault name the key that sealed them. A key is needed for as long as any row names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedBy {
    /// They are not sealed, or under the seal of their group.
    Nothing,
    /// In their column `key_id`.
    KeyId,
    /// In the envelope that is their column `sealed`.
    Envelope,
}

const fn table(name: &'static str, statement: &'static str, rows: Rows) -> Table {
    Table { name, statement, rows, sealed_by: SealedBy::Nothing, since: 1 }
}

/// `WITHOUT ROWID` where a group's rows should lie side by side; the sealed part comes last in a row.
const VAULT: &[Table] = &[
    table(
        "meta",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, vault BLOB NOT \
         NULL, created_at INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT",
        Rows::OfFile,
    ),
    table(
        "keys",
        "CREATE TABLE keys (key_id TEXT NOT NULL PRIMARY KEY, created_at INTEGER NOT NULL, mac BLOB NOT \
         NULL) STRICT, WITHOUT ROWID",
        Rows::OfVault,
    ),
    Table {
        sealed_by: SealedBy::Envelope,
        ..table(
            "instances",
            "CREATE TABLE instances (organization TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, scope \
             TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, label TEXT, is_default INTEGER NOT NULL, \
             status TEXT NOT NULL, version INTEGER NOT NULL, account TEXT, granted TEXT NOT NULL, expires_at \
             INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, fields TEXT NOT NULL, \
             short_fields TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (organization, key, id)) STRICT, \
             WITHOUT ROWID",
            Rows::OfInstance("id"),
        )
    },
    table("instances_id", "CREATE UNIQUE INDEX instances_id ON instances (id)", Rows::Index),
    table(
        "instances_default",
        "CREATE UNIQUE INDEX instances_default ON instances (organization, key, scope, owner) WHERE \
         is_default = 1",
        Rows::Index,
    ),
    table(
        "assignments",
        "CREATE TABLE assignments (organization TEXT NOT NULL, key TEXT NOT NULL, project TEXT NOT NULL, \
         consumer_kind TEXT NOT NULL, consumer TEXT NOT NULL, action TEXT NOT NULL, instance TEXT NOT \
         NULL, PRIMARY KEY (organization, key, project, consumer_kind, consumer, action)) STRICT, WITHOUT \
         ROWID",
        Rows::OfInstance("instance"),
    ),
    Table {
        sealed_by: SealedBy::KeyId,
        ..table(
            "seals",
            "CREATE TABLE seals (organization TEXT NOT NULL, key TEXT NOT NULL, key_id TEXT NOT NULL, mac BLOB \
             NOT NULL, PRIMARY KEY (organization, key)) STRICT, WITHOUT ROWID",
            Rows::OfGroup,
        )
    },
    // The seal of the generation (`generation.rs`).
    Table {
        since: 2,
        sealed_by: SealedBy::KeyId,
        ..table(
            "counter",
            "CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), key_id TEXT NOT NULL, mac BLOB \
             NOT NULL) STRICT",
            Rows::OfFile,
        )
    },
];

const AUDIT: &[Table] = &[
    table(
        "meta",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, vault BLOB NOT \
         NULL, created_at INTEGER NOT NULL) STRICT",
        Rows::OfFile,
    ),
    table(
        "head",
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), base_seq INTEGER NOT NULL, base_mac \
         BLOB NOT NULL, last_seq INTEGER NOT NULL, last_mac BLOB NOT NULL, key_id TEXT NOT NULL, mac BLOB \
         NOT NULL) STRICT",
        Rows::OfFile,
    ),
    table(
        "entries",
        "CREATE TABLE entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, run \
         TEXT, origin TEXT, consumer TEXT, action TEXT, organization TEXT, project TEXT, user TEXT, key \
         TEXT, field TEXT, instance TEXT, version INTEGER, generation INTEGER, rule TEXT, code TEXT, cause \
         TEXT, os_user TEXT NOT NULL, uid INTEGER, process INTEGER NOT NULL, program TEXT NOT NULL, key_id TEXT NOT NULL, mac \
         BLOB NOT NULL) STRICT",
        Rows::OfFile,
    ),
    // What earlier keys left behind: their rows are checked by it (`audit/retired.rs`).
    Table {
        since: 2,
        ..table(
            "retired",
            "CREATE TABLE retired (key_id TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, \
             WITHOUT ROWID",
            Rows::OfFile,
        )
    },
];

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// What is declared of a table follows from its columns, so that no verb can miss it.
    #[test]
    fn what_rows_belong_to_and_are_sealed_by_follows_from_their_columns() {
        let connection = Connection::open_in_memory().unwrap();
        for table in FileKind::Vault.tables() {
            connection.execute(table.statement, []).unwrap();
            let mut columns = connection
                .prepare(&format!("SELECT name, pk FROM pragma_table_info('{}')", table.name))
                .unwrap();
            let columns: Vec<(String, i64)> = columns
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let has = |wanted: &str| columns.iter().any(|(name, _)| name == wanted);
            let is_index = table.statement.contains(" INDEX ");
            assert_eq!(is_index, table.rows == Rows::Index, "{}", table.name);
            let of_group = matches!(table.rows, Rows::OfGroup | Rows::OfInstance(_));
            assert_eq!(!is_index && has("organization") && has("key"), of_group, "{}", table.name);
            if has("instance") {
                assert_eq!(table.rows, Rows::OfInstance("instance"), "{}", table.name);
            }
            // A row that is identified by a key is about that key, not sealed with it.
            let names_key = columns.iter().any(|(name, part_of_key)| name == "key_id" && *part_of_key == 0);
            let sealed_by = match (is_index, has("sealed"), names_key) {
                (false, true, _) => SealedBy::Envelope,
                (false, false, true) => SealedBy::KeyId,
                _ => SealedBy::Nothing,
            };
            assert_eq!(table.sealed_by, sealed_by, "{}", table.name);
        }
    }
}
