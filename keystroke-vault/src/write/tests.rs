use keystroke_core::Instance;

use crate::{Add, Filter, NewInstance, Vault, VaultError, VaultOptions};

fn big(number: usize) -> Vec<NewInstance> {
    let instance = Instance::new("exa").in_project("acme", format!("p{number}"));
    vec![NewInstance::new(instance.field("api_key", "x".repeat(60_000)))]
}

/// SQLite answers a page limit as it answers a full disk.
#[test]
fn a_full_disk_is_named_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    vault.add(big(0), Add::OnlyFirst).unwrap();
    vault.inner.writer.lock().unwrap().pragma_update(None, "max_page_count", 40).unwrap();
    let error = (1..10).find_map(|number| vault.add(big(number), Add::OnlyFirst).err()).unwrap();
    assert!(matches!(error, VaultError::DiskFull { .. }), "{error}");
    assert!(
        error.to_string().contains("is full") && error.to_string().contains("free some space"),
        "{error}"
    );
    assert!(error.may_retry());
    let there = vault.list(&Filter::default()).unwrap().len();
    vault.verify().unwrap();
    vault.inner.writer.lock().unwrap().pragma_update(None, "max_page_count", 100_000).unwrap();
    vault.add(big(there), Add::OnlyFirst).unwrap();
    assert_eq!(vault.verify().unwrap().instances, there + 1);
}

/// Another process holds the vault's lock for longer than this one waits.
#[test]
fn a_lock_that_is_held_for_too_long_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    vault.inner.writer.lock().unwrap().busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = rusqlite::Connection::open(created.vault_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = vault.add(big(0), Add::OnlyFirst).unwrap_err();
    assert!(matches!(error, VaultError::Busy { .. }), "{error}");
    let store = keystroke_core::StoreError::from(error);
    assert!(store.can_retry() && store.to_fix().is_some_and(|fix| fix.contains("try again")));
    other.execute_batch("ROLLBACK").unwrap();
    vault.add(big(0), Add::OnlyFirst).unwrap();
}
