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
    let name = "x".repeat(32 * 1024);
    let row = |number| AuditEvent { event: &name, version: Some(number), ..AuditEvent::default() };
    let taken = (0..10_000).take_while(|number| audit.queue(&row(*number)).is_ok()).count();
    assert_eq!(taken, MOST_BYTES / row(0).encode().len());
    let full = audit.queue(&row(10_000)).unwrap_err().to_string();
    assert!(full.contains("wait faster than they can be written"), "{full}");
    // What was refused takes no room, and what was written takes none any more.
    other.execute_batch("ROLLBACK").unwrap();
    vault.flush().unwrap();
    assert_eq!(audit.state.queue.bytes(), 0);
    audit.queue(&row(10_000)).unwrap();
}

#[test]
fn what_was_said_before_takes_no_room() {
    let queue = Queue::default();
    let row = |version| AuditEvent { event: "use", version: Some(version), ..AuditEvent::default() };
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
        audit.queue(&AuditEvent {
            at: number,
            event: "use",
            run: Some(&run(number)),
            ..AuditEvent::default()
        })
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

fn opened(number: i64) -> Vec<u8> {
    AuditEvent { at: number, event: "open", ..AuditEvent::default() }.encode()
}

#[tokio::test]
async fn an_open_writes_its_row_itself_where_nobody_has_to_be_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let audit = &vault.inner.audit;
    assert!(audit.commit_now(&opened(1)));
    let other = Connection::open(created.audit_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!audit.commit_now(&opened(2)), "another process has the record");
    other.execute_batch("ROLLBACK").unwrap();
    let writing = audit.record.lock().unwrap();
    assert!(!audit.commit_now(&opened(2)), "the thread has it");
    drop(writing);
    assert!(audit.commit_now(&opened(2)));
    assert_eq!(vault.audit(&AuditFilter::default()).unwrap().len(), 1 + 2);
    // What can't be written is told by the thread, like everything else.
    other.execute_batch("UPDATE head SET last_seq = last_seq - 1").unwrap();
    assert!(!audit.commit_now(&opened(3)));
    let told = audit.commit(opened(3)).await;
    assert!(matches!(told, Err(VaultError::AuditAltered { .. })), "{told:?}");
}

#[test]
fn a_strict_audit_leaves_waiting_for_the_disk_to_the_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, _) = Vault::init(VaultOptions::at(folder.path()).strict_audit()).unwrap();
    assert!(!vault.inner.audit.commit_now(&opened(1)));
}

#[tokio::test]
async fn a_log_of_opens_alone_is_put_into_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    for number in 0..3_000 {
        vault.inner.audit.commit(opened(number)).await.unwrap();
    }
    // Each takes two pages at least: some 25 MB, if nobody did.
    let log = std::fs::metadata(keystroke_files::beside(&created.audit_file, "-wal")).unwrap().len();
    assert!(log < 10_000_000, "{log}");
    assert_eq!(vault.audit(&AuditFilter::default()).unwrap().len(), 3_001);
}
