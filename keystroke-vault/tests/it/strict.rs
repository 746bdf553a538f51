//! The strict audit mode (SEMANTICS S5): the record of each use is committed before the value is lent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::common::process::test_name;
use crate::common::{Home, exa, id, snapshot, store, used};
use keystroke_core::Runtime;
use keystroke_vault::{AuditFilter, Change, Vault, VaultOptions};

fn told(vault: &Vault) -> String {
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let told = entries.iter().map(|row| row.code.as_deref().unwrap_or(&row.event).to_owned());
    told.collect::<Vec<_>>().join(" ")
}

/// Set for the process that the test starts and kills: the folder of the vault.
const FOLDER: &str = "KEYSTROKE_TEST_STRICT";

#[test]
fn a_process_that_is_killed_right_after_a_use_has_left_its_row() {
    const NAME: &str = "a_process_that_is_killed_right_after_a_use_has_left_its_row";
    if let Ok(folder) = std::env::var(FOLDER) {
        let vault = Vault::open_with(VaultOptions::at(folder).strict_audit()).unwrap();
        let run = Runtime::new(vault).organization("acme").project("p");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for _ in 0..3 {
            runtime.block_on(used(&run)).unwrap();
        }
        writeln!(std::io::stdout(), "used").unwrap();
        loop {
            std::thread::park();
        }
    }
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    for round in 1..=10 {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test_name(module_path!(), NAME), "--nocapture"])
            .env(FOLDER, home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.ends_with("used")));
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(told(&vault), format!("init set{}", " open use use".repeat(round)));
    }
}

/// The test's runtime has one thread: were it blocked, this test would not end.
#[tokio::test]
async fn a_use_waits_for_its_row_without_its_executor() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let run = Runtime::new(Vault::open_with(home.options().strict_audit()).unwrap());
    let run = run.organization("acme").project("p");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = tokio::spawn(async move { used(&run).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished(), "a value was lent before its record was committed");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), "shared-secret");
    assert_eq!(told(&vault), "init set open use");
}

#[tokio::test]
async fn what_changed_while_the_row_waited_is_not_lent() {
    let (home, writer) = Home::with_vault();
    store(&writer, "shared", exa().in_organization("acme"));
    let active = snapshot(&home);
    writer.revoke(&id("shared")).unwrap();
    let revoked = snapshot(&home);
    active.put_back(&home);
    let run = Runtime::new(Vault::open_with(home.options().strict_audit()).unwrap());
    let run = run.organization("acme").project("p");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");

    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = tokio::spawn(async move { used(&run).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    revoked.put_back(&home);
    other.execute_batch("ROLLBACK").unwrap();
    let refused = waiting.await.unwrap().unwrap_err();
    assert!(refused.contains("changed while its use was recorded"), "{refused}");
    assert_eq!(told(&writer), "init set revoke open use not_released");
}

/// A label or a mark makes it no other secret, and a renewal moves no more than the end of a grant.
#[tokio::test]
async fn what_was_only_named_anew_while_the_row_waited_is_lent() {
    let (home, writer) = Home::with_vault();
    store(&writer, "shared", exa().in_organization("acme"));
    let before = snapshot(&home);
    let change = Change { label: Some(Some("Team".into())), default: Some(true) };
    writer.update(&id("shared"), change).unwrap();
    let renamed = snapshot(&home);
    before.put_back(&home);
    let run = Runtime::new(Vault::open_with(home.options().strict_audit()).unwrap());
    let run = run.organization("acme").project("p");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");

    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = tokio::spawn(async move { used(&run).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    renamed.put_back(&home);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), "shared-secret");
    assert_eq!(told(&writer), "init set update open use");
}
