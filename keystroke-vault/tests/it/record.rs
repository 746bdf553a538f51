//! The audit record under pressure: texts that come from requests, a file that others hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::common::{Home, exa, store, used};
use keystroke_core::{Consumer, CredentialStore as _, Outcome, RunFacts, RunOrigin, Runtime, UseRecord};
use keystroke_vault::{AuditFilter, Vault};

fn events(vault: &Vault) -> String {
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    entries.iter().map(|entry| entry.event.clone()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_text_of_any_length_leaves_a_short_row() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let long = "é\u{1b}[2J\n".repeat(500_000);
    let run = Runtime::new(vault.clone()).organization("acme").project("p").id(long.as_str());
    used(&run.clone().select("exa", long.as_str())).await.unwrap_err();
    used(&run).await.unwrap();
    let rows = vault.audit(&AuditFilter::default()).unwrap();
    let rows: Vec<_> = rows.iter().filter(|row| row.event == "refused" || row.event == "open").collect();
    assert_eq!(rows.len(), 2);
    for text in
        rows.iter().flat_map(|row| [&row.run, &row.instance]).flatten().filter(|text| *text != "shared")
    {
        assert!(text.len() <= 256 && text.len() > 200, "{}", text.len());
        assert!(!text.chars().any(char::is_control), "{text}");
        assert!(text.starts_with("é\\u{1b}[2J\\né") && text.ends_with("…(cut, 3500000 bytes)"), "{text}");
    }
    for (path, content) in home.files() {
        assert!(content.len() < 1_000_000, "{}", path.display());
    }
    // What the vault itself stores is never cut.
    let name = "n".repeat(128);
    vault
        .add(
            [exa().in_project(&*name, &*name).id(&*"i".repeat(256)).field("api_key", "a-long-secret")],
            keystroke_vault::Add::OnlyFirst,
        )
        .unwrap();
    let row = vault
        .audit(&AuditFilter { organization: Some(name.clone()), ..AuditFilter::default() })
        .unwrap()
        .remove(0);
    assert_eq!((row.project, row.instance), (Some(name), Some("i".repeat(256))));
    vault.verify().unwrap();
}

/// Head and last row are read as of one moment, or a record in use would look altered to who opens it.
#[test]
fn a_record_can_be_opened_while_others_write() {
    let (home, vault) = Home::with_vault();
    let run = Arc::new(RunFacts {
        id: "run".to_owned(),
        organization: "acme".to_owned(),
        project: "p".to_owned(),
        user: None,
        origin: RunOrigin::Direct,
        consumer: Consumer::Direct,
        selections: Vec::new(),
    });
    let record = UseRecord {
        run: &run,
        action: "reveal",
        key: "exa",
        field: None,
        instance: None,
        version: None,
        rule: None,
        outcome: Outcome::Refused { code: "missing", cause: None },
    };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                vault.record(&record).unwrap();
                vault.flush().unwrap();
            }
        });
        let failed = (0..300).find_map(|_| Vault::open_with(home.options()).err());
        done.store(true, Ordering::Relaxed);
        assert!(failed.is_none(), "{failed:?}");
    });
}

#[tokio::test]
async fn the_last_handle_does_not_wait_for_long_and_its_rows_are_written() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let run = Runtime::new(vault.clone()).organization("acme").project("p");
    used(&run).await.unwrap();
    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    used(&run).await.unwrap();
    let begin = Instant::now();
    drop((vault, run));
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while events(&home.open()) != "init set open use" {
        assert!(Instant::now() < end, "{}", events(&home.open()));
        std::thread::yield_now();
    }
}
