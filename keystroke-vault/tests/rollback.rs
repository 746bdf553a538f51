//! Somebody puts the vault's rows back to an earlier state, or its counters to other numbers, so that an id and
//! version come again with another value. A process that holds the old value lends the new one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops on the first surprise"
)]

mod common;

use common::{Home, counter, exa, fields, id, snapshot, store, used};
use keystroke_core::{Runtime, Status};
use keystroke_vault::{AuditFilter, Filter, VaultError};

#[tokio::test]
async fn a_version_that_comes_again_is_not_taken_for_the_old() {
    let (home, writer) = Home::with_vault();
    store(&writer, "shared", exa().in_organization("acme"));
    let first = snapshot(&home);
    let run = Runtime::new(home.open()).organization("acme").project("research");
    let second = writer.rotate(&id("shared"), fields("the-second-one")).unwrap();
    assert_eq!(used(&run).await.unwrap(), "the-second-one");

    first.put_back(&home);
    let again = writer.rotate(&id("shared"), fields("another-second")).unwrap();
    assert_eq!(again.candidate.version, second.candidate.version);
    assert_ne!(again.candidate.revision, second.candidate.revision);
    assert_eq!(used(&run).await.unwrap(), "another-second");
}

#[tokio::test]
async fn a_generation_that_comes_again_is_not_taken_for_the_old() {
    let (home, writer) = Home::with_vault();
    // With its seal, as it once was: nobody can make another one.
    let none = counter(&home);
    let first = store(&writer, "shared", exa().in_organization("acme"));
    let run = Runtime::new(home.open()).organization("acme").project("research");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");

    writer.delete(&id("shared")).unwrap();
    home.sql("vault.db", &none);
    let again = exa().in_organization("acme").id("shared").field("api_key", "quite-another");
    let again = writer.add([again], keystroke_vault::Add::OnlyFirst).unwrap().remove(0);
    assert_eq!(again.candidate.version, first.candidate.version);
    assert_eq!(used(&run).await.unwrap(), "quite-another");
}

/// Changes stop, for the number decides which version comes next; what is stored is read as before.
#[tokio::test]
async fn another_number_of_changes_is_named() {
    for attack in [
        "UPDATE meta SET generation = 9223372036854775807",
        "UPDATE meta SET generation = -1",
        "UPDATE meta SET generation = -9223372036854775808",
        "UPDATE meta SET generation = generation + 1",
        "UPDATE meta SET generation = 0",
        "UPDATE counter SET mac = zeroblob(32)",
        "UPDATE counter SET mac = x''",
        "DELETE FROM counter",
    ] {
        let (home, vault) = Home::with_vault();
        store(&vault, "shared", exa().in_organization("acme"));
        home.sql("vault.db", attack);
        let new = || exa().in_project("acme", "p").id("own").field("api_key", "a-long-secret");
        for error in [
            vault.revoke(&id("shared")).unwrap_err(),
            vault.rotate(&id("shared"), fields("the-second-one")).unwrap_err(),
            vault.add([new()], keystroke_vault::Add::OnlyFirst).map(drop).unwrap_err(),
            vault.verify().unwrap_err(),
            home.open().verify().unwrap_err(),
        ] {
            assert!(matches!(error, VaultError::Damaged { .. }), "{attack}: {error}");
            assert!(error.to_string().contains("number of changes was altered"), "{attack}: {error}");
        }
        let listed = vault.list(&Filter::default()).unwrap();
        assert_eq!((listed.len(), listed[0].candidate.status), (1, Status::Active));
        let entries = vault.audit(&AuditFilter::default()).unwrap();
        assert!(entries.iter().all(|entry| entry.committed.is_none()), "nobody knows");
    }
}
