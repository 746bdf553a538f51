use super::super::Event;
use super::*;
use crate::{Vault, VaultOptions};

#[test]
fn what_waits_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let audit = &vault.inner.audit;
    let other = Connection::open(created.audit_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Of this size no row is; it is what makes the test short.
    let name = "x".repeat(1024 * 1024);
    let row = || Event { event: &name, ..Event::default() }.encode();
    let taken = (0..100).take_while(|_| audit.queue(row()).is_ok()).count();
    assert_eq!(taken, QUEUE_BYTES / row().len());
    let full = audit.queue(row()).unwrap_err().to_string();
    assert!(full.contains("wait faster than they can be written"), "{full}");
    // What was refused takes no room, and what was written takes none any more.
    other.execute_batch("ROLLBACK").unwrap();
    vault.flush().unwrap();
    assert_eq!(audit.state.bytes.load(Ordering::Relaxed), 0);
    audit.queue(row()).unwrap();
}
