//! An attacker puts the vault's rows back to an earlier state, or its generation to another number, so that an id and
//! version come again with another value. A process that holds the old value lends the new one.

use crate::common::{Home, exa, fields, generation, id, snapshot, store, used};
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

/// With its seal, as it once was: nobody can make another one. The record knows of the change that it would take back.
#[tokio::test]
async fn a_generation_that_comes_again_is_named_and_makes_no_other_change() {
    let (home, writer) = Home::with_vault();
    let none = generation(&home);
    store(&writer, "shared", exa().in_organization("acme"));
    let run = Runtime::new(home.open()).organization("acme").project("research");
    assert_eq!(used(&run).await.unwrap(), "shared-secret");

    writer.delete(&id("shared")).unwrap();
    home.sql("vault.db", &none);
    let again = exa().in_organization("acme").id("shared").field("api_key", "quite-another");
    let error = writer.add([again], keystroke_vault::Add::OnlyFirst).map(drop).unwrap_err();
    assert!(matches!(error, VaultError::RolledBack { recorded: 2, .. }), "{error}");
    let refused = used(&run).await.unwrap_err();
    assert!(refused.contains("missing") || refused.contains("put back"), "{refused}");
    assert!(matches!(writer.verify(), Err(VaultError::RolledBack { .. })));
}

/// SQLite finds in the first bytes of `vault.db-shm` how far its log goes. Who writes older ones back hides what was
/// committed since from every process, and from those that open the vault while another has it open.
#[cfg(target_os = "linux")]
mod log_index {
    use std::fs::{self, File};
    use std::os::unix::fs::FileExt as _;
    use std::path::PathBuf;

    use keystroke_vault::Vault;

    use super::*;

    fn index(home: &Home) -> PathBuf {
        home.path().join("vault.db-shm")
    }

    /// Never closed: this process would lose its locks on the file.
    fn open(home: &Home) -> &'static File {
        Box::leak(Box::new(File::options().read(true).write(true).open(index(home)).unwrap()))
    }

    #[track_caller]
    fn rolled_back<T>(done: Result<T, VaultError>, what: &str) {
        let error = done.map(drop).expect_err(what);
        assert!(matches!(error, VaultError::RolledBack { .. }), "{what}: {error}");
        assert_eq!(error.code(), "rolled_back");
        let text = error.to_string();
        assert!(text.contains("was put back to an earlier state"), "{what}: {text}");
        assert!(text.contains("end all programs") && text.contains("vault restore"), "{what}: {text}");
    }

    #[tokio::test]
    async fn that_is_put_back_is_found_by_everybody() {
        // The header alone; all of the index; and the log too, so that nothing of the change is left in a file.
        for (what, length, log) in
            [("96 bytes", 96, false), ("the index", 32 * 1024, false), ("the log too", 96, true)]
        {
            let (home, writer) = Home::with_vault();
            store(&writer, "shared", exa().in_organization("acme"));
            let reader = home.open();
            let run = Runtime::new(reader.clone()).organization("acme").project("research");
            assert_eq!(used(&run).await.unwrap(), "shared-secret");
            reader.flush().unwrap();
            let file = open(&home);
            let mut before = vec![0; length];
            file.read_exact_at(&mut before, 0).unwrap();
            let log_before = fs::read(home.path().join("vault.db-wal")).unwrap();

            writer.revoke(&id("shared")).unwrap();
            file.write_all_at(&before, 0).unwrap();
            if log {
                fs::write(home.path().join("vault.db-wal"), &log_before).unwrap();
            }

            // The window, as for a replaced file: mostly this one's row is not written yet when the value is lent.
            match used(&run).await {
                Ok(lent) => assert_eq!(lent, "shared-secret", "{what}"),
                Err(refused) => assert!(refused.contains("was put back"), "{what}: {refused}"),
            }
            reader.flush().unwrap();
            let refused = used(&run).await.unwrap_err();
            assert!(refused.contains("store_unavailable"), "{what}: {refused}");
            assert!(refused.contains("was put back to an earlier state"), "{what}: {refused}");
            // Nor is anything opened that was not in memory.
            let cold = Runtime::new(reader.clone()).organization("acme").project("other");
            assert!(used(&cold).await.unwrap_err().contains("was put back"), "{what}");

            for (handle, name) in [(&writer, "writer"), (&reader, "reader")] {
                rolled_back(handle.verify(), &format!("{what}: {name}: verify"));
                rolled_back(handle.list(&Filter::default()), &format!("{what}: {name}: list"));
                rolled_back(handle.get(&id("shared")), &format!("{what}: {name}: get"));
                let label = keystroke_vault::Change { label: Some(Some("mine".into())), default: None };
                // It would be written over what was taken back.
                rolled_back(handle.update(&id("shared"), label), &format!("{what}: {name}: update"));
            }
            rolled_back(Vault::open_with(home.options()), &format!("{what}: open"));
            // The record is read in any case, and tells what was taken back.
            let entries = writer.audit(&AuditFilter::default()).unwrap();
            let revoke = entries.iter().find(|entry| entry.event == "revoke").unwrap();
            assert_eq!(revoke.committed, Some(false), "{what}");
        }
    }

    /// What a process has not looked at yet, it finds when it does: nobody else needs to have met the change.
    #[tokio::test]
    async fn that_is_put_back_is_found_by_who_only_lists() {
        let (home, writer) = Home::with_vault();
        store(&writer, "shared", exa().in_organization("acme"));
        let reader = home.open();
        reader.list(&Filter::default()).unwrap();
        let file = open(&home);
        let mut before = [0; 96];
        file.read_exact_at(&mut before, 0).unwrap();
        writer.revoke(&id("shared")).unwrap();
        file.write_all_at(&before, 0).unwrap();
        rolled_back(reader.verify(), "verify");
        rolled_back(reader.list(&Filter::default()), "list");
    }

    /// The way out that the error names: the log itself still has the change, and who opens the vault first reads it.
    #[tokio::test]
    async fn that_is_put_back_is_mended_by_ending_all_programs() {
        const NAME: &str = "rollback::log_index::that_is_put_back_is_mended_by_ending_all_programs";
        use crate::common::process::{FOLDER, Other, PART, tell};
        if std::env::var(PART).is_ok() {
            let vault =
                Vault::open_with(keystroke_vault::VaultOptions::at(std::env::var(FOLDER).unwrap())).unwrap();
            tell("open");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
            drop(vault);
            return;
        }
        let home = Home::new();
        drop(Vault::init(home.options()).unwrap());
        // Another process keeps the vault open, so that it is the one that has the index.
        let mut other = Other::start(NAME, "open", &home);
        assert_eq!(other.told().unwrap(), "open");
        let mut before = [0; 96];
        {
            let vault = home.open();
            store(&vault, "shared", exa().in_organization("acme"));
            File::open(index(&home)).unwrap().read_exact_at(&mut before, 0).unwrap();
            vault.revoke(&id("shared")).unwrap();
        }
        File::options().write(true).open(index(&home)).unwrap().write_all_at(&before, 0).unwrap();
        rolled_back(Vault::open_with(home.options()), "open");
        // Killed: who ends by itself clears the log away.
        other.kill();
        let vault = home.open();
        vault.verify().unwrap();
        assert_eq!(vault.get(&id("shared")).unwrap().candidate.status, Status::Revoked);
    }
}

/// A restored backup is rightly older than the record, and so is a new vault in the place of one that is gone.
#[tokio::test]
async fn what_is_older_by_right_is_not_taken_for_an_attack() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let folder = home.path().join("backup");
    vault.backup(&folder).unwrap();
    for _ in 0..3 {
        vault.rotate(&id("shared"), fields("the-second-one")).unwrap();
    }
    drop(vault);
    // As a file that is put into the place of one that can't be opened.
    std::fs::write(home.path().join("vault.db"), "not a database").unwrap();
    let (vault, restored) = keystroke_vault::Vault::restore(home.options(), &folder).unwrap();
    assert!(restored.kept_audit);
    vault.verify().unwrap();
    drop(vault);
    let vault = home.open();
    assert_eq!(crate::common::lent(&vault, "p").await.unwrap(), "shared-secret");
    vault.rotate(&id("shared"), fields("the-second-one")).unwrap();
    drop(vault);
    // By an attacker's hand it would be found; a new vault under the old record says that it is new.
    for file in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let _ = std::fs::remove_file(home.path().join(file));
    }
    let (vault, _) = keystroke_vault::Vault::init(home.options()).unwrap();
    vault.verify().unwrap();
    store(&vault, "shared", exa().in_organization("acme"));
    drop(vault);
    home.open().verify().unwrap();
}

/// All of `vault.db` put back under a record that goes on.
#[test]
fn an_older_file_under_a_record_that_knows_more_is_named() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    drop(vault);
    let old = std::fs::read(home.path().join("vault.db")).unwrap();
    home.open().revoke(&id("shared")).unwrap();
    std::fs::write(home.path().join("vault.db"), old).unwrap();
    let error = keystroke_vault::Vault::open_with(home.options()).unwrap_err();
    assert!(matches!(error, VaultError::RolledBack { recorded: 2, .. }), "{error}");
    // Both put back by nobody's hand but a backup's: that is the way out.
    assert_eq!(error.code(), "rolled_back");
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
