//! Old rows leave the audit record, the rest is chained to where they ended, and nobody else can shorten it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::common::{Home, exa, lent, store};
use keystroke_vault::{AuditEntry, AuditFilter, Vault, VaultError};

const START: u64 = 1_900_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START + seconds)
}

/// A vault whose record has a row at the seconds 0 (`init`) to `rows`.
fn with_rows(rows: u64) -> (Home, Vault, Arc<AtomicU64>) {
    let home = Home::new();
    let seconds = Arc::new(AtomicU64::new(0));
    let now = Arc::clone(&seconds);
    let (vault, _) = Vault::init(home.options().clock(move || at(now.load(Ordering::Relaxed)))).unwrap();
    for row in 1..=rows {
        seconds.store(row, Ordering::Relaxed);
        store(&vault, &format!("i{row}"), exa().in_project("acme", format!("p{row}")));
    }
    (home, vault, seconds)
}

fn all(vault: &Vault) -> Vec<AuditEntry> {
    vault.audit(&AuditFilter::default()).unwrap()
}

#[tokio::test]
async fn rows_from_before_go_and_the_rest_is_chained_to_them() {
    let (home, vault, _) = with_rows(9);
    let other = home.open();
    assert_eq!(lent(&other, "p1").await.unwrap(), "i1-secret");
    let before = all(&vault);
    assert_eq!(vault.prune_audit(at(4)).unwrap(), 4);
    let rest = all(&vault);
    assert_eq!(rest[..rest.len() - 1], before[4..]);
    let last = rest.last().unwrap();
    assert_eq!((last.event.as_str(), last.cause.as_deref()), ("prune", Some("rows 1 to 7")));
    vault.verify().unwrap();
    // Those who have it open go on.
    assert_eq!(lent(&other, "p2").await.unwrap(), "i2-secret");
    other.verify().unwrap();
    assert_eq!(vault.prune_audit(at(4)).unwrap(), 0, "and no row that says so");
    drop((vault, other));
    assert_eq!(home.open().verify().unwrap().audit_entries, 13 - 4);
}

#[test]
fn all_of_it_may_go_and_it_goes_on() {
    let (home, vault, _) = with_rows(3);
    assert_eq!(vault.prune_audit(at(100)).unwrap(), 4);
    assert_eq!(all(&vault).iter().map(|entry| entry.seq).collect::<Vec<_>>(), [8]);
    store(&vault, "next", exa().in_organization("acme"));
    drop(vault);
    assert_eq!(home.open().verify().unwrap().audit_entries, 2);
}

/// A row that says that it is older than the one before it goes with those that come before that one, or not at all.
#[test]
fn a_clock_that_was_set_back_takes_nothing_along() {
    let (_home, vault, seconds) = with_rows(5);
    seconds.store(1, Ordering::Relaxed);
    store(&vault, "late", exa().in_project("acme", "late"));
    assert_eq!(vault.prune_audit(at(3)).unwrap(), 3);
    let rest = all(&vault);
    assert!(rest.iter().any(|entry| entry.instance.as_deref() == Some("late")));
    vault.verify().unwrap();
}

/// Otherwise pruning would cover up what was altered.
#[test]
fn a_record_that_was_altered_is_not_pruned() {
    let (home, vault, _) = with_rows(5);
    drop(vault);
    for attack in
        ["UPDATE entries SET program = 'other' WHERE seq = 2", "UPDATE entries SET at = 0 WHERE seq = 6"]
    {
        let whole = std::fs::read(home.path().join("audit.db")).unwrap();
        home.sql("audit.db", attack);
        let error = home.open().prune_audit(at(4)).unwrap_err();
        assert!(matches!(error, VaultError::AuditAltered { .. }), "{error}");
        std::fs::write(home.path().join("audit.db"), whole).unwrap();
    }
    home.open().verify().unwrap();
}

/// The checkpoint can't be made, moved or put back by who has not the key.
#[test]
fn nobody_else_can_shorten_it() {
    let (home, vault, _) = with_rows(9);
    vault.prune_audit(at(3)).unwrap();
    drop(vault);
    for attack in [
        "DELETE FROM entries WHERE seq <= 9",
        "DELETE FROM entries WHERE seq <= 9; UPDATE head SET base_seq = 9",
        "DELETE FROM entries WHERE seq <= 9; UPDATE head SET base_seq = 9, base_mac = (SELECT mac FROM entries WHERE seq = 10)",
        "UPDATE head SET base_seq = 2",
        "UPDATE head SET base_mac = zeroblob(32)",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries); UPDATE head SET last_seq = last_seq - 1",
        "DELETE FROM entries",
        "DELETE FROM head",
    ] {
        let whole = std::fs::read(home.path().join("audit.db")).unwrap();
        home.sql("audit.db", attack);
        let error = Vault::open_with(home.options()).and_then(|vault| vault.verify()).unwrap_err();
        assert!(matches!(error, VaultError::AuditAltered { .. }), "{attack}: {error}");
        std::fs::write(home.path().join("audit.db"), whole).unwrap();
    }
}

/// What a retired key left behind is kept for as long as a row needs it.
#[test]
fn keys_go_with_their_last_row() {
    let (home, vault, seconds) = with_rows(3);
    let retired = || {
        let connection = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
        connection.query_row("SELECT count(*) FROM retired", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    seconds.store(10, Ordering::Relaxed);
    vault.rotate_key().unwrap();
    assert_eq!(retired(), 1);
    vault.prune_audit(at(2)).unwrap();
    assert_eq!(retired(), 1, "row 3 needs it");
    vault.prune_audit(at(9)).unwrap();
    assert_eq!(retired(), 0);
    vault.verify().unwrap();
}
