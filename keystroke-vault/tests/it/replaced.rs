//! Files that are moved, deleted, replaced or put back under a running process.

use std::fs;

use crate::common::{Home, exa, id, lent, store, used};
use keystroke_core::Runtime;
use keystroke_vault::{Filter, Vault, VaultError};

fn own() -> (Home, Vault) {
    let (home, vault) = Home::with_vault();
    store(&vault, "own", exa().in_project("acme", "research"));
    (home, vault)
}

#[tokio::test]
async fn a_vault_that_is_replaced_is_noticed() {
    let (home, vault) = own();
    let (other, _) = own();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
    fs::rename(other.path().join("vault.db"), home.path().join("vault.db")).unwrap();
    let refused = lent(&vault, "research").await.unwrap_err();
    assert!(refused.contains("was moved, deleted or replaced"), "{refused}");
    assert!(matches!(vault.revoke(&id("own")), Err(VaultError::Replaced { .. })));
}

#[tokio::test]
async fn a_vault_that_is_deleted_is_noticed() {
    let (home, vault) = own();
    fs::remove_file(home.path().join("vault.db")).unwrap();
    for refused in [
        lent(&vault, "research").await.unwrap_err(),
        vault.list(&Filter::default()).unwrap_err().to_string(),
        vault.revoke(&id("own")).unwrap_err().to_string(),
    ] {
        assert!(refused.contains("was moved, deleted or replaced"), "{refused}");
    }
}

/// A warm call asks no file but its own connection's. What tells it is the row that each use leaves.
#[tokio::test]
async fn a_process_that_only_lends_from_memory_notices_too() {
    let (home, vault) = own();
    let run = Runtime::new(vault.clone()).organization("acme").project("research");
    used(&run).await.unwrap();
    let (file, away) = (home.path().join("vault.db"), home.path().join("away"));
    fs::copy(&file, home.path().join("copy")).unwrap();
    fs::rename(&file, &away).unwrap();
    fs::rename(home.path().join("copy"), &file).unwrap();
    // The window: this one's row is not written yet.
    used(&run).await.unwrap();
    vault.flush().unwrap();
    for _ in 0..2 {
        let refused = used(&run).await.unwrap_err();
        assert!(refused.contains("vault.db was moved, deleted or replaced"), "{refused}");
        vault.flush().unwrap();
    }
    fs::rename(&away, &file).unwrap();
    vault.flush().unwrap();
    assert_eq!(used(&run).await.unwrap(), "own-secret");
    let uses = vault.audit(&Default::default()).unwrap();
    assert_eq!(uses.iter().filter(|entry| entry.event == "use").count(), 2, "no use is without its row");
}

/// A copy by `VACUUM INTO` has no write-ahead log, and without one whoever writes stops who reads.
#[tokio::test]
async fn a_backup_without_a_log_that_is_put_back_gets_one() {
    let (home, vault) = own();
    vault.flush().unwrap();
    for file in ["vault.db", "audit.db"] {
        home.sql(file, &format!("VACUUM INTO '{}'", home.path().join(format!("{file}.copy")).display()));
    }
    drop(vault);
    for file in ["vault.db", "audit.db"] {
        fs::rename(home.path().join(format!("{file}.copy")), home.path().join(file)).unwrap();
        assert_eq!(fs::read(home.path().join(file)).unwrap()[18..20], [1, 1]);
    }
    let vault = home.open();
    let other = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
    other.execute_batch("ROLLBACK").unwrap();
    for file in ["vault.db", "audit.db"] {
        let connection = rusqlite::Connection::open(home.path().join(file)).unwrap();
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal", "{file}");
    }
    vault.verify().unwrap();
}
