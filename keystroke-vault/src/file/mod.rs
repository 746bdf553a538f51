//! The two files as SQLite sees them: their tables, how they are opened and told from others, what is kept open, and whether
//! anything was committed. Nothing here knows a verb of the vault, or the audit record's rows.

pub(crate) mod connection;
pub(crate) mod every_table;
pub(crate) mod generation;
pub(crate) mod group_rows;
pub(crate) mod group_writes;
pub(crate) mod header;
pub(crate) mod id_index;
pub(crate) mod identity;
mod open_files;
pub(crate) mod schema;
pub(crate) mod tables;
pub(crate) mod vault_keys;
pub(crate) mod wal_index;
