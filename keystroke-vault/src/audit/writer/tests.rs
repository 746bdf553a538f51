use std::cell::Cell;

use keystroke_core::{Consumer, InstanceId, Outcome, Rule, RunFacts, RunOrigin};

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

fn run(id: impl Into<String>) -> Arc<RunFacts> {
    let [organization, project] = ["acme", "p"].map(str::to_owned);
    let (origin, consumer) = (RunOrigin::Direct, Consumer::Direct);
    Arc::new(RunFacts {
        id: id.into(),
        organization,
        project,
        user: None,
        origin,
        consumer,
        selections: Vec::new(),
    })
}

fn use_in(run: &Arc<RunFacts>) -> UseRecord<'_> {
    UseRecord {
        run,
        action: "search",
        key: "exa",
        field: None,
        instance: None,
        version: Some(1),
        rule: None,
        outcome: Outcome::Used,
    }
}

#[test]
fn what_was_said_before_takes_no_room() {
    let (queue, encoded) = (Queue::default(), Cell::new(0));
    let push = |record: &UseRecord<'_>| {
        let encode = || {
            encoded.set(encoded.get() + 1);
            vec![0; 100]
        };
        queue.push(1, Some(record), encode).unwrap();
    };
    let (one, other) = (run("one"), run("one"));
    let record = use_in(&one);
    push(&record);
    let bytes = queue.bytes();
    push(&record);
    push(&UseRecord { action: &String::from("search"), ..record });
    assert_eq!((queue.bytes(), queue.rows(), encoded.get()), (bytes, 3, 1));
    let id = InstanceId::from("exa-1");
    for (number, another) in (2..).zip([
        use_in(&other),
        UseRecord { action: "other", ..record },
        UseRecord { key: "other", ..record },
        UseRecord { field: Some("api_key"), ..record },
        UseRecord { instance: Some(&id), ..record },
        UseRecord { version: Some(2), ..record },
        UseRecord { rule: Some(Rule::Project), ..record },
    ]) {
        push(&another);
        push(&another);
        assert_eq!(encoded.get(), number, "{another:?}");
    }
    push(&UseRecord { outcome: Outcome::Redacted, ..record });
    for code in ["missing", "missing", "no_user"] {
        push(&UseRecord { outcome: Outcome::Absent { code }, ..record });
    }
    push(&UseRecord { outcome: Outcome::Refused { code: "missing", cause: None }, ..record });
    push(&UseRecord { outcome: Outcome::Refused { code: "missing", cause: Some("a user's") }, ..record });
    assert_eq!(encoded.get(), 13);
    queue.push(1, None, || vec![0; 100]).unwrap();
    queue.push(1, None, || vec![0; 100]).unwrap();
    assert_eq!(queue.rows(), 25);
    let batch = queue.take().unwrap();
    assert_eq!(batch.rows().count(), 25);
    queue.written(&batch);
    assert_eq!(queue.bytes(), 0);
}

#[test]
fn what_waits_is_bounded_in_rows_and_comes_out_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, created) = Vault::init(VaultOptions::at(folder.path())).unwrap();
    let audit = &vault.inner.audit;
    let other = Connection::open(created.audit_file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // More runs than are compared with, one of which has every other row.
    let often = run("often");
    let runs: Vec<_> = (0..37).map(|number| run(format!("run-{number}"))).collect();
    let run = |number: i64| if number % 2 == 0 { &often } else { &runs[number as usize % 37] };
    let queue = |number: i64| {
        let event =
            AuditEvent { at: number, event: "use", run: Some(&run(number).id), ..AuditEvent::default() };
        audit.queue_use(number, &use_in(run(number)), || event.encode())
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
        assert_eq!(entry.run.as_deref(), Some(&*run(number).id));
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
