//! The audit record: what is in it, and that it can't be cut or altered unseen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::common::{Home, RevealIfAny, exa, id, lent, store, used};
use keystroke_core::{Action as _, Assignment, BackgroundOrigin, Consumer, Fields, Runtime};
use keystroke_vault::{AuditEntry, AuditFilter, Change, Vault, VaultError};

fn all(vault: &Vault) -> Vec<AuditEntry> {
    vault.audit(&AuditFilter::default()).unwrap()
}

fn events(vault: &Vault) -> String {
    all(vault).iter().map(|entry| entry.event.clone()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_verb_and_use_is_on_record() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_project("acme", "research"));
    vault.update(&id("shared"), Change { label: Some(Some("Label".into())), default: Some(true) }).unwrap();
    let mut fields = Fields::new();
    fields.set("api_key", "the-second-one");
    vault.rotate(&id("shared"), fields).unwrap();
    let to = Assignment::in_project("acme", "research").tool("researcher", "reveal");
    vault.assign(&to, "exa", &id("shared")).unwrap();
    let runtime = Runtime::new(vault.clone());
    let run = runtime
        .organization("acme")
        .project("research")
        .background(BackgroundOrigin::Webhook)
        .id("run-7")
        .consumer(Consumer::agent("researcher"));
    for _ in 0..3 {
        used(&run).await.unwrap();
    }
    vault.unassign(&to, "exa").unwrap();
    vault.revoke(&id("shared")).unwrap();
    used(&run).await.unwrap_err();
    vault.delete(&id("shared")).unwrap();
    assert_eq!(
        events(&vault),
        "init set update rotate assign open use use unassign revoke refused delete",
        "in the order in which it happened"
    );
    let entries = all(&vault);
    let open = entries.iter().find(|entry| entry.event == "open").unwrap();
    assert_eq!(open.run.as_deref(), Some("run-7"));
    assert_eq!(open.origin.as_deref(), Some("webhook"));
    assert_eq!(open.consumer.as_deref(), Some("agent researcher"));
    assert_eq!(open.action.as_deref(), Some("reveal"));
    assert_eq!((open.organization.as_deref(), open.project.as_deref()), (Some("acme"), Some("research")));
    assert_eq!((open.user.as_deref(), open.key.as_deref()), (None, Some("exa")));
    assert_eq!(open.instance.as_deref(), Some("shared"));
    assert_eq!(open.rule.as_deref(), Some("R2"));
    assert_eq!(open.process, std::process::id());
    assert!(!open.os_user.is_empty() && open.program.starts_with("it-"));
    let refused = entries.iter().find(|entry| entry.event == "refused").unwrap();
    assert_eq!(refused.code.as_deref(), Some("revoked"));
    let versions: Vec<_> = entries
        .iter()
        .filter(|entry| entry.event == "set" || entry.event == "rotate")
        .map(|e| e.version)
        .collect();
    assert_eq!(versions[0].map(|version| version + 1), versions[1]);
    // What is left out says of each of the seven changes that it was committed.
    let seqs: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
    assert!(seqs.is_sorted() && seqs.len() == 12 && seqs[11] == 18, "{seqs:?}");
    drop((vault, runtime, run));
    assert_eq!(all(&home.open()), entries);
    assert_eq!(home.open().verify().unwrap().audit_entries, 12);
}

#[tokio::test]
async fn each_call_that_went_without_an_optional_credential_is_on_record_strict_or_not() {
    for strict in [false, true] {
        let home = Home::with_vault().0;
        let options = if strict { home.options().strict_audit() } else { home.options() };
        let vault = Vault::open_with(options).unwrap();
        let run = Runtime::new(vault.clone()).organization("acme").project("research").as_user("ada");
        for _ in 0..3 {
            assert_eq!(RevealIfAny.run(&run, ()).await.unwrap(), "");
        }
        store(&vault, "shared", exa().in_organization("acme"));
        for _ in 0..2 {
            assert_eq!(RevealIfAny.run(&run, ()).await.unwrap(), "shared-secret");
        }
        // What is broken is not absent.
        vault.revoke(&id("shared")).unwrap();
        RevealIfAny.run(&run, ()).await.unwrap_err();
        assert_eq!(events(&vault), "init absent absent absent set open use revoke refused");
        let absent = &all(&vault)[1];
        assert_eq!((absent.code.as_deref(), absent.key.as_deref()), (Some("missing"), Some("exa")));
        assert_eq!((absent.action.as_deref(), absent.user.as_deref()), (Some("reveal"), Some("ada")));
        assert_eq!((&absent.instance, absent.version, &absent.rule), (&None, None, &None));
        vault.verify().unwrap();
    }
}

#[tokio::test]
async fn the_record_keeps_the_cause_that_the_error_hides() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "ops", exa().in_project("acme", "ops"));
    store(&vault, "bobs", exa().of_user("acme", "bob"));
    let mut errors = Vec::new();
    for selected in ["ops", "bobs", "gone"] {
        let run = Runtime::new(vault.clone()).organization("acme").project("p").select("exa", selected);
        errors.push(used(&run).await.unwrap_err().replace(selected, "<id>"));
    }
    assert!(errors[0] == errors[1] && errors[1] == errors[2], "{errors:?}");
    let mut causes: Vec<_> = all(&vault).into_iter().filter_map(|entry| entry.cause).collect();
    causes.sort();
    causes.dedup();
    assert_eq!(causes.len(), 3, "{causes:?}");
}

#[test]
fn rows_are_filtered_after_all_are_checked() {
    let home = Home::new();
    let seconds = Arc::new(AtomicU64::new(1_900_000_000));
    let now = Arc::clone(&seconds);
    let options = home
        .options()
        .program("tester")
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)));
    let (vault, _) = Vault::init(options).unwrap();
    for name in ["a", "b", "c"] {
        seconds.fetch_add(60, Ordering::Relaxed);
        store(&vault, name, exa().in_organization("acme"));
    }
    store(&vault, "other", keystroke_core::Instance::new("slack").in_organization("acme"));
    let names = |filter: AuditFilter| {
        let found = vault.audit(&filter).unwrap();
        found.iter().map(|entry| entry.instance.clone().unwrap_or_default()).collect::<Vec<_>>().join(" ")
    };
    let key = || Some("exa".to_owned());
    assert_eq!(names(AuditFilter { key: key(), ..AuditFilter::default() }), "a b c");
    assert_eq!(names(AuditFilter { key: key(), limit: Some(2), ..AuditFilter::default() }), "b c");
    assert_eq!(names(AuditFilter { limit: Some(0), ..AuditFilter::default() }), "");
    let since = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_120));
    assert_eq!(names(AuditFilter { since, ..AuditFilter::default() }), "b c other");
    store(&vault, "ops", exa().in_project("acme", "ops"));
    store(&vault, "hers", exa().of_user("acme", "ada"));
    assert_eq!(names(AuditFilter { project: Some("ops".to_owned()), ..AuditFilter::default() }), "ops");
    assert_eq!(names(AuditFilter { user: Some("ada".to_owned()), ..AuditFilter::default() }), "hers");
    let json = serde_json::to_value(all(&vault).remove(1)).unwrap();
    assert_eq!(json["at"], "2030-03-17T17:47:40.000Z");
    assert_eq!((&json["program"], &json["event"]), (&"tester".into(), &"set".into()));
}

#[test]
fn times_out_of_the_ordinary_are_shown_and_do_not_panic() {
    for (offset, shown) in [(-1_i64, "-1000 ms since"), (300_000_000_000, "300000000000000 ms since")] {
        let home = Home::new();
        let distance = Duration::from_secs(offset.unsigned_abs());
        let time =
            if offset < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance };
        let (vault, _) = Vault::init(home.options().clock(move || time)).unwrap();
        let entry = all(&vault).remove(0);
        assert_eq!(entry.at, time);
        assert!(serde_json::to_string(&entry).unwrap().contains(shown));
    }
}

#[tokio::test]
async fn several_processes_share_one_chain() {
    let (home, one) = Home::with_vault();
    store(&one, "shared", exa().in_organization("acme"));
    let two = home.open();
    for _ in 0..3 {
        lent(&one, "p").await.unwrap();
        lent(&two, "q").await.unwrap();
    }
    one.flush().unwrap();
    two.flush().unwrap();
    assert_eq!(all(&one), all(&two));
    assert_eq!(all(&one).iter().filter(|entry| entry.event == "open").count(), 6);
}

#[tokio::test]
async fn the_last_handle_writes_what_waits() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let run = Runtime::new(vault.clone()).organization("acme").project("p");
    used(&run).await.unwrap();
    used(&run).await.unwrap();
    drop((vault, run));
    assert_eq!(events(&home.open()), "init set open use");
}

/// Attacks on a record of nine rows, two of which say that a change was committed.
const ATTACKS: &[(&str, &str)] = &[
    ("cut the last row", "DELETE FROM entries WHERE seq = 9"),
    ("cut all rows", "DELETE FROM entries"),
    ("cut the first row", "DELETE FROM entries WHERE seq = 1"),
    ("cut a row in the middle", "DELETE FROM entries WHERE seq = 4"),
    (
        "cut a row and close the gap",
        "DELETE FROM entries WHERE seq = 4; UPDATE entries SET seq = seq - 1 WHERE seq > 4",
    ),
    (
        "cut the last row and tell the head",
        "DELETE FROM entries WHERE seq = 9; UPDATE head SET last_seq = 8, last_mac = (SELECT mac FROM entries WHERE seq = 8)",
    ),
    (
        "cut the beginning and tell the head",
        "UPDATE head SET base_seq = 3, base_mac = (SELECT mac FROM entries WHERE seq = 3); DELETE FROM entries WHERE seq <= 3",
    ),
    ("another time", "UPDATE entries SET at = at + 1 WHERE seq = 3"),
    ("another event", "UPDATE entries SET event = 'use' WHERE seq = 4"),
    ("another committed change", "UPDATE entries SET version = 1 WHERE event = 'commit' AND seq = 5"),
    ("a committed change for another event", "UPDATE entries SET event = 'use' WHERE seq = 5"),
    ("another run", "UPDATE entries SET run = 'x' WHERE seq = 6"),
    ("another action", "UPDATE entries SET action = NULL WHERE seq = 6"),
    ("another instance", "UPDATE entries SET instance = 'x' WHERE seq = 3"),
    ("another version", "UPDATE entries SET version = 9 WHERE seq = 3"),
    ("move a text to the next column", "UPDATE entries SET run = origin, origin = run WHERE seq = 6"),
    ("another generation", "UPDATE entries SET generation = 9 WHERE seq = 3"),
    ("another user", "UPDATE entries SET os_user = 'eve' WHERE seq = 3"),
    ("another uid", "UPDATE entries SET uid = 1 WHERE seq = 3"),
    ("another process", "UPDATE entries SET process = 1 WHERE seq = 3"),
    ("another program", "UPDATE entries SET program = 'x' WHERE seq = 3"),
    ("a number that is none", "UPDATE entries SET process = -1 WHERE seq = 3"),
    ("text that is not UTF-8", "UPDATE entries SET event = CAST(x'ff' AS TEXT) WHERE seq = 3"),
    (
        "swap two rows",
        "UPDATE entries SET seq = 100 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 100",
    ),
    (
        "forge a row",
        "INSERT INTO entries SELECT 10, at, event, run, origin, consumer, action, organization, project, user, key, field, instance, version, generation, rule, code, cause, os_user, uid, process, program, key_id, mac FROM entries WHERE seq = 9",
    ),
    (
        "forge a row before the first",
        "INSERT INTO entries SELECT 0, at, event, run, origin, consumer, action, organization, project, user, key, field, instance, version, generation, rule, code, cause, os_user, uid, process, program, key_id, mac FROM entries WHERE seq = 1",
    ),
    ("an HMAC that is empty", "UPDATE entries SET mac = x'' WHERE seq = 3"),
    ("the last HMAC", "UPDATE entries SET mac = zeroblob(32) WHERE seq = 9"),
    ("a key that is not there", "UPDATE entries SET key_id = 'other' WHERE seq = 3"),
    ("delete the head", "DELETE FROM head"),
    ("the head's HMAC", "UPDATE head SET mac = zeroblob(32)"),
    ("the head's length", "UPDATE head SET last_seq = -1"),
    ("the head's base", "UPDATE head SET base_seq = 1"),
];

#[tokio::test]
async fn no_row_is_cut_or_altered_unseen() {
    for (attack, sql) in ATTACKS {
        let (home, vault) = Home::with_vault();
        store(&vault, "shared", exa().in_organization("acme").id("shared"));
        store(&vault, "slack", keystroke_core::Instance::new("slack").in_organization("acme"));
        for project in ["p", "q"] {
            let run = Runtime::new(vault.clone()).organization("acme").project(project);
            used(&run).await.unwrap();
            used(&run).await.unwrap();
            vault.flush().unwrap();
        }
        assert_eq!(events(&vault), "init set set open use open use");

        home.sql("audit.db", sql);

        let check = |error: VaultError| {
            let text = error.to_string();
            let named = matches!(error, VaultError::AuditAltered { .. } | VaultError::UnknownKey { .. });
            assert!(named, "{attack}: {text}");
            assert!(text.contains("audit.db") || text.contains("`other`"), "{attack}: {text}");
        };
        check(vault.audit(&AuditFilter::default()).unwrap_err());
        check(vault.audit(&AuditFilter { limit: Some(1), ..AuditFilter::default() }).unwrap_err());
        check(vault.verify().unwrap_err());
        // A new process either refuses to open, where the end shows it, or finds it when it reads.
        match Vault::open_with(home.options()) {
            Ok(vault) => check(vault.verify().unwrap_err()),
            Err(error) => check(error),
        }
        // Where the end of the record is damaged, nothing is used and nothing is changed any more.
        if sql.contains("head") || sql.contains("seq = 9") {
            let refused = lent(&vault, "p").await.unwrap_err();
            assert!(refused.contains("was altered outside keystroke"), "{attack}: {refused}");
            check(vault.revoke(&id("shared")).unwrap_err());
            assert_eq!(vault.get(&id("shared")).unwrap().candidate.status, keystroke_core::Status::Active);
        }
    }
}

#[tokio::test]
async fn a_record_put_back_is_noticed_by_who_saw_more() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    vault.flush().unwrap();
    let head = {
        let connection = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
        let columns = |row: &rusqlite::Row<'_>| (0..7).map(|at| row.get(at)).collect();
        connection
            .query_row("SELECT * FROM head", [], columns)
            .map(|row: Vec<rusqlite::types::Value>| row)
            .unwrap()
    };
    lent(&vault, "p").await.unwrap();
    vault.flush().unwrap();
    let connection = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    connection.execute("DELETE FROM entries WHERE seq > 3", []).unwrap();
    connection
        .execute("INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?, ?)", rusqlite::params_from_iter(head))
        .unwrap();
    // Another process, which saw nothing of it, writes on: first less than was seen, then as much, then more.
    let other = home.open();
    for _ in 0..4 {
        let refused = lent(&vault, "p").await.unwrap_err();
        assert!(refused.contains("rows that this process has seen are gone"), "{refused}");
        for error in
            [vault.audit(&AuditFilter::default()).map(drop).unwrap_err(), vault.verify().unwrap_err()]
        {
            assert!(error.to_string().contains("rows that this process has seen are gone"), "{error}");
        }
        lent(&other, "q").await.unwrap();
        other.verify().unwrap();
    }
}

/// Whoever has read the record knows how far it went.
#[test]
fn a_record_put_back_is_noticed_by_who_read_more() {
    let (home, reader) = Home::with_vault();
    let writer = home.open();
    reader.verify().unwrap();
    let head = |put: Option<Vec<rusqlite::types::Value>>| -> Vec<rusqlite::types::Value> {
        let connection = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
        if let Some(head) = put {
            let put = "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?, ?)";
            connection.execute(put, rusqlite::params_from_iter(head)).unwrap();
        }
        let columns = |row: &rusqlite::Row<'_>| (0..7).map(|at| row.get(at)).collect();
        connection.query_row("SELECT * FROM head", [], columns).unwrap()
    };
    let old = head(None);
    store(&writer, "shared", exa().in_organization("acme"));
    assert_eq!(all(&reader).len(), 2);
    home.sql("audit.db", "DELETE FROM entries WHERE seq > 1");
    head(Some(old));
    let error = reader.verify().unwrap_err();
    assert!(error.to_string().contains("rows that this process has seen are gone"), "{error}");
    home.open().verify().unwrap();
}

#[tokio::test]
async fn a_use_that_cannot_be_recorded_stops_the_next() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let run = Runtime::new(vault.clone()).organization("acme").project("p");
    used(&run).await.unwrap();
    vault.flush().unwrap();
    let connection = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    let columns = |row: &rusqlite::Row<'_>| (0..7).map(|at| row.get(at)).collect();
    let head: Vec<rusqlite::types::Value> = connection.query_row("SELECT * FROM head", [], columns).unwrap();
    connection.execute("DELETE FROM head", []).unwrap();
    // This one is still lent: its row waits for the batch, which then fails.
    used(&run).await.unwrap();
    vault.flush().unwrap_err();
    let refused = used(&run).await.unwrap_err();
    assert!(refused.contains("its head is missing"), "{refused}");
    // Once it can be written, nothing that waited is lost.
    connection
        .execute("INSERT INTO head VALUES (?, ?, ?, ?, ?, ?, ?)", rusqlite::params_from_iter(head))
        .unwrap();
    vault.flush().unwrap();
    used(&run).await.unwrap();
    assert_eq!(events(&vault), "init set open use use");
}
