use super::super::queue::MOST_BYTES;
use super::*;
use crate::{AuditFilter, Vault, VaultOptions};

#[test]
fn what_waits_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let audit = &vault.inner.audit;
    let other = Connection::open(created.audit_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Of this size no row is; it is what makes the test short.
    let name = "x".repeat(1024 * 1024);
    let row = |number| Event { event: &name, version: Some(number), ..Event::default() };
    let taken = (0..100).take_while(|number| audit.queue(&row(*number)).is_ok()).count();
    assert_eq!(taken, MOST_BYTES / row(0).encode().len());
    let full = audit.queue(&row(100)).unwrap_err().to_string();
    assert!(full.contains("wait faster than they can be written"), "{full}");
    // What was refused takes no room, and what was written takes none any more.
    other.execute_batch("ROLLBACK").unwrap();
    vault.flush().unwrap();
    assert_eq!(audit.state.queue.bytes(), 0);
    audit.queue(&row(100)).unwrap();
}

#[test]
fn what_was_said_before_takes_no_room() {
    let queue = Queue::default();
    let row = |version| Event { event: "use", version: Some(version), ..Event::default() };
    queue.push(&row(1)).unwrap();
    let bytes = queue.bytes();
    queue.push(&row(1)).unwrap();
    assert_eq!((queue.bytes(), queue.rows()), (bytes, 2));
    queue.push(&row(2)).unwrap();
    assert_eq!((queue.bytes(), queue.rows()), (2 * bytes, 3));
}

#[test]
fn what_waits_is_bounded_in_rows_and_comes_out_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let audit = &vault.inner.audit;
    let other = Connection::open(created.audit_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // More runs than are compared with, one of which has every other row.
    let run = |number: i64| if number % 2 == 0 { "often".to_owned() } else { format!("run-{}", number % 37) };
    let queue = |number: i64| {
        audit.queue(&Event { at: number, event: "use", run: Some(&run(number)), ..Event::default() })
    };
    let taken = (0..).take_while(|number| queue(*number).is_ok()).count();
    assert_eq!(taken, 100_000);
    other.execute_batch("ROLLBACK").unwrap();
    vault.flush().unwrap();
    queue(100_000).unwrap();
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    assert_eq!(entries.len(), 100_002);
    for (number, entry) in (0..).zip(&entries[1..]) {
        assert_eq!(crate::time::to_millis(entry.at), number);
        assert_eq!(entry.run.as_deref(), Some(&*run(number)));
    }
}
