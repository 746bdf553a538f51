//! The two SQLite files: their tables and rows, how they are recognized and opened, which files stay open, and
//! whether anything was committed. No verb of the vault belongs here, and no row of the audit record.

pub(crate) mod all_tables;
pub(crate) mod busy;
pub(crate) mod connection;
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
