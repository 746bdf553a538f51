//! What one handle changes, another one sees at its next call; and neither waits for the other's locks in an
//! executor's thread.

use crate::common::{Home, exa, id, snapshot, store, used};
use keystroke_core::{Assignment, Fields, Runtime};
use keystroke_vault::{AuditFilter, Change};

#[tokio::test]
async fn the_next_call_sees_every_change() {
    let (home, writer) = Home::with_vault();
    let reader = Runtime::new(home.open());
    let run = reader.organization("acme").project("research");
    assert!(used(&run).await.unwrap_err().contains("missing"));

    store(&writer, "shared", exa().in_organization("acme").default());
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    let mut fields = Fields::new();
    fields.set("api_key", "rotated-secret");
    writer.rotate(&id("shared"), fields).unwrap();
    assert_eq!(used(&run).await.unwrap(), "rotated-secret");

    store(&writer, "own", exa().in_project("acme", "research"));
    assert_eq!(used(&run).await.unwrap(), "own-secret");
    store(&writer, "own2", exa().in_project("acme", "research"));
    assert!(used(&run).await.unwrap_err().contains("ambiguous"));
    writer.update(&id("own2"), Change { default: Some(true), label: None }).unwrap();
    assert_eq!(used(&run).await.unwrap(), "own2-secret");

    let to = Assignment::in_project("acme", "research").direct("reveal");
    writer.assign(&to, "exa", &id("shared")).unwrap();
    assert_eq!(used(&run).await.unwrap(), "rotated-secret");
    writer.unassign(&to, "exa").unwrap();
    assert_eq!(used(&run).await.unwrap(), "own2-secret");

    writer.revoke(&id("own2")).unwrap();
    assert!(used(&run).await.unwrap_err().contains("revoked"));
    writer.delete(&id("own2")).unwrap();
    assert_eq!(used(&run).await.unwrap(), "own-secret");
}

#[tokio::test]
async fn a_handle_sees_its_own_changes() {
    let (_home, vault) = Home::with_vault();
    let run = Runtime::new(vault.clone()).organization("acme").project("research");
    store(&vault, "shared", exa().in_organization("acme"));
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    vault.revoke(&id("shared")).unwrap();
    assert!(used(&run).await.unwrap_err().contains("revoked"));
}

#[tokio::test]
async fn what_was_deleted_and_stored_again_is_not_mistaken_for_the_old() {
    let (home, writer) = Home::with_vault();
    let run = Runtime::new(home.open()).organization("acme").project("research");
    store(&writer, "shared", exa().in_organization("acme"));
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    writer.delete(&id("shared")).unwrap();
    let again = exa().in_organization("acme").id("shared").field("api_key", "quite-another");
    writer.add(vec![keystroke_vault::NewInstance::new(again)], keystroke_vault::Add::OnlyFirst).unwrap();
    assert_eq!(used(&run).await.unwrap(), "quite-another");
}

#[tokio::test]
async fn runs_of_other_projects_and_users_get_their_own() {
    use keystroke_core::Action as _;
    use keystroke_core::scope::User;
    let (_home, vault) = Home::with_vault();
    for (name, instance) in [
        ("ops", exa().in_project("acme", "ops")),
        ("research", exa().in_project("acme", "research")),
        ("adas", exa().of_user("acme", "ada")),
        ("bobs", exa().of_user("acme", "bob")),
    ] {
        store(&vault, name, instance);
    }
    let runtime = Runtime::new(vault);
    for _ in 0..2 {
        for project in ["ops", "research"] {
            let run = runtime.organization("acme").project(project);
            assert_eq!(used(&run).await.unwrap(), format!("{project}-secret"));
            for user in ["ada", "bob"] {
                let run = run.clone().as_user(user);
                assert_eq!(
                    crate::common::Reveal.scope(User).run(&run, ()).await.unwrap(),
                    format!("{user}s-secret")
                );
            }
        }
    }
    // Another user's can't be selected, and nobody learns that it is there.
    let run = runtime.organization("acme").project("ops").as_user("ada").select("exa", "bobs");
    assert!(used(&run).await.unwrap_err().contains("selection_not_found"));
}

/// The test's runtime has one thread: were it blocked, this test would not end.
#[tokio::test]
async fn an_open_waits_for_the_audit_lock_without_its_executor() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = Runtime::new(vault).organization("acme").project("research");
    let waiting = tokio::spawn(async move { used(&run).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished(), "a value was released before its record was committed");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), "shared-secret");
}

/// The record may wait for another process for seconds. What was revoked meanwhile is not released after it.
#[tokio::test]
async fn what_changed_while_the_record_waited_is_not_released() {
    let (home, writer) = Home::with_vault();
    store(&writer, "shared", exa().in_organization("acme"));
    let active = snapshot(&home);
    writer.revoke(&id("shared")).unwrap();
    let revoked = snapshot(&home);
    active.put_back(&home);
    let vault = home.open();
    let run = Runtime::new(vault.clone()).organization("acme").project("research");

    let other = rusqlite::Connection::open(home.path().join("audit.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = tokio::spawn(async move { used(&run).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    revoked.put_back(&home);
    other.execute_batch("ROLLBACK").unwrap();
    let refused = waiting.await.unwrap().unwrap_err();
    assert!(refused.contains("revoked"), "{refused}");
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let told: Vec<_> = entries[3..].iter().map(|entry| (&*entry.event, entry.code.as_deref())).collect();
    assert_eq!(told, [("open", None), ("open", Some("not_released")), ("refused", Some("revoked"))]);
}

#[test]
fn many_threads_read_while_one_writes() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let other = home.open();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let vault = vault.clone();
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let run = Runtime::new(vault).organization("acme").project("research");
                let mut last = 0;
                for _ in 0..50 {
                    // Changes that come faster than records are written may outrun the three attempts of a call
                    // (SEMANTICS §2): its error says that another may help.
                    let text = loop {
                        match runtime.block_on(used(&run)) {
                            Ok(text) => break text,
                            Err(error) => assert!(error.contains("changed each time"), "{error}"),
                        }
                    };
                    let number = text.strip_prefix("secret-").map_or(0, |number| number.parse().unwrap());
                    assert!(number >= last, "went back from {last} to {number}");
                    last = number;
                }
            });
        }
        for number in 1..=20 {
            let mut fields = Fields::new();
            fields.set("api_key", format!("secret-{number:03}"));
            other.rotate(&id("shared"), fields).unwrap();
        }
    });
    vault.verify().unwrap();
}

/// What `rotate-key` will do first: a new key goes to the head of the ring while processes run.
#[tokio::test]
async fn a_key_that_is_added_works_under_running_processes() {
    let (home, old) = Home::with_vault();
    store(&old, "shared", exa().in_organization("acme"));
    let run = Runtime::new(old.clone()).organization("acme").project("p");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    let ring = home.path().join("config/vault.keys");
    let text = std::fs::read_to_string(&ring).unwrap();
    std::fs::write(&ring, format!("new:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n{text}")).unwrap();
    let new = home.open();
    let mut fields = Fields::new();
    fields.set("api_key", "under-the-new-key");
    new.rotate(&id("shared"), fields).unwrap();
    assert_eq!(used(&run).await.unwrap(), "under-the-new-key");
    // The old process seals with the new key from now on, so the other may leave the ring one day.
    store(&old, "own", exa().in_project("acme", "p"));
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let sealed: Vec<u8> =
        connection.query_row("SELECT sealed FROM instances WHERE id = 'own'", [], |row| row.get(0)).unwrap();
    assert_eq!(&sealed[..6], b"\x01\x01\x03new");
    for vault in [&old, &new] {
        vault.verify().unwrap();
    }
    // Without the ring, what needs the new key is refused by name.
    let third = Home::new();
    std::fs::write(third.path().join("ring"), &text).unwrap();
    std::fs::set_permissions(third.path().join("ring"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    let error =
        keystroke_vault::Vault::open_with(home.options().key_file(third.path().join("ring"))).unwrap_err();
    assert!(error.to_string().contains("`new`"), "{error}");
}

#[tokio::test]
async fn a_ring_that_went_away_is_missed_when_a_new_key_is_met() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let run = Runtime::new(vault.clone()).organization("acme").project("p");
    std::fs::remove_file(home.path().join("config/vault.keys")).unwrap();
    assert_eq!(used(&run).await.unwrap(), "shared-secret");
    home.sql("vault.db", "UPDATE seals SET key_id = 'other'");
    let refused = used(&run).await.unwrap_err();
    assert!(refused.contains("vault.db exists, but its key"), "{refused}");
}
