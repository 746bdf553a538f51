use std::time::Instant;

use super::*;
use crate::{Vault, VaultOptions};

/// A reader may be in an executor's thread. Without a log, which no open vault is, others can make it wait.
#[test]
fn a_reader_does_not_wait_for_long() {
    let folder = tempfile::tempdir().unwrap();
    drop(Vault::init(VaultOptions::at(folder.path())).unwrap());
    let file = folder.path().join("vault.db");
    let other = Connection::open(&file).unwrap();
    other.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    let begin = Instant::now();
    let error = open_reader(&file, FileKind::Vault).unwrap_err();
    assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
    assert!(matches!(error, VaultError::Busy { .. }) && error.is_retryable(), "{error}");
}

#[test]
fn a_strict_record_is_synced_at_each_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (_vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let connection = open_writer(&created.audit_file, FileKind::Audit).unwrap();
    let mode = || connection.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(mode(), 1, "NORMAL");
    sync_each_commit(&connection, &created.audit_file).unwrap();
    assert_eq!(mode(), 2, "FULL");
}

/// The index of default marks covers a part of the rows, so SQLite would plan again for each bound value.
#[test]
fn a_statement_that_is_kept_is_planned_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let planned_anew = |connection: &Connection| {
        let kept = || {
            let of_group = "SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 ORDER BY id";
            connection.prepare_cached(of_group).unwrap()
        };
        for organization in ["acme", "globex", "initech"] {
            assert!(!kept().exists([organization, "exa"]).unwrap());
        }
        kept().get_status(rusqlite::StatementStatus::RePrepare)
    };
    assert_eq!(planned_anew(&open_reader(&created.vault_file, FileKind::Vault).unwrap()), 0);
    let control = Connection::open(&created.vault_file).unwrap();
    assert!(planned_anew(&control) > 0, "the control: without our settings it is");
}
