use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use keystroke_core::{Instance, InstanceId};
use rusqlite::Connection;

use crate::change::changeset::Changeset;
use crate::{Add, AuditFilter, Filter, NewInstance, Vault, VaultError, VaultOptions};

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
    assert!(error.is_retryable());
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
    vault.inner.writer.lock().unwrap().busy_timeout(Duration::ZERO).unwrap();
    let other = Connection::open(created.vault_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = vault.add(big(0), Add::OnlyFirst).unwrap_err();
    assert!(matches!(error, VaultError::Busy { .. }), "{error}");
    let store = keystroke_core::StoreError::from(error);
    assert!(store.is_retryable() && store.fix().is_some_and(|fix| fix.contains("try again")));
    other.execute_batch("ROLLBACK").unwrap();
    vault.add(big(0), Add::OnlyFirst).unwrap();
}

/// No generation leads to a version that no read accepts. Only someone with the key can seal such a one.
#[test]
fn the_last_number_of_changes_is_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let seal = |number: i64| {
        let (writer, subkeys) = (vault.inner.writer.lock().unwrap(), &vault.inner.subkeys);
        crate::file::generation::write(&writer, &subkeys.active().unwrap(), subkeys.vault(), number).unwrap();
    };
    let own = || [Instance::new("exa").in_project("acme", "p").id("own").field("api_key", "a-long-secret")];
    seal(i64::MAX - 1);
    let error = vault.add(own(), Add::OnlyFirst).unwrap_err();
    assert!(error.to_string().contains("versions are used up"), "{error}");
    assert!(vault.list(&Filter::default()).unwrap().is_empty());
    seal(i64::MAX - 2);
    vault.add(own(), Add::OnlyFirst).unwrap();
    let mut fields = keystroke_core::Fields::new();
    fields.set("api_key", "the-second-one");
    let error = vault.rotate(&"own".into(), fields).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 1);
    vault.verify().unwrap();
}

/// The state that a process leaves which is killed after its record and before its change. It is no attack.
#[test]
fn a_change_that_never_came_to_pass_is_told_from_one_that_did() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicU64::new(1_900_000_000));
    let now = Arc::clone(&seconds);
    let options = VaultOptions::at(folder.path())
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.fetch_add(1, Ordering::Relaxed)));
    let (vault, created) = Vault::init(options).unwrap();
    let shared = InstanceId::from("shared");
    let new = Instance::new("exa").in_organization("acme").id("shared").field("api_key", "a-long-secret");
    vault.add([new], Add::OnlyFirst).unwrap();
    {
        let mut writer = vault.inner.writer.lock().unwrap();
        let transaction = writer.transaction().unwrap();
        let mut work = Changeset::new(&vault.inner, &transaction).unwrap();
        let (place, _) = work.find(&shared).unwrap();
        work.note("revoke", &place, &shared).unwrap();
        let (events, generation) = work.seal().unwrap();
        assert_eq!(generation, 2);
        vault.inner.audit.commit_blocking(events).unwrap();
    }
    let told = || {
        let entries = vault.audit(&AuditFilter::default()).unwrap();
        let told = entries.iter().map(|entry| (entry.event.clone(), entry.generation, entry.committed));
        told.collect::<Vec<_>>()
    };
    let row = |event: &str, generation, committed| (event.to_owned(), Some(generation), Some(committed));
    assert_eq!(told(), [row("init", 0, true), row("set", 1, true), row("revoke", 2, false)]);
    vault.verify().unwrap();
    Vault::open_with(VaultOptions::at(folder.path())).unwrap().verify().unwrap();
    // The next change makes the same generation, and is another one.
    vault.delete(&shared).unwrap();
    assert_eq!(told()[2..], [row("revoke", 2, false), row("delete", 2, true)]);
    // The record is read whatever the vault is like.
    let other = Connection::open(created.vault_file).unwrap();
    other.execute_batch("UPDATE meta SET generation = -1").unwrap();
    assert_eq!(told()[3], ("delete".to_owned(), Some(2), None));
}
