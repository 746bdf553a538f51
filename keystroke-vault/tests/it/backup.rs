//! A copy of a vault in use, and a vault put back from one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Home, exa, fields, id, lent, store};
use keystroke_core::Status;
use keystroke_vault::{AuditFilter, Filter, Vault, VaultError};

fn full() -> (Home, Vault) {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme").default());
    store(&vault, "own", exa().in_project("acme", "research"));
    store(&vault, "dead", exa().in_project("acme", "dead"));
    vault.revoke(&id("dead")).unwrap();
    (home, vault)
}

fn backup_of(home: &Home, vault: &Vault) -> PathBuf {
    let folder = home.path().join("backup");
    vault.backup(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_two_files_without_the_key_and_for_this_user_alone() {
    let (home, vault) = full();
    let folder = home.path().join("backups/today");
    let made = vault.backup(&folder).unwrap();
    assert_eq!(names(&folder), ["audit.db", "vault.db"]);
    assert_eq!((made.vault_file, made.audit_file), (folder.join("vault.db"), folder.join("audit.db")));
    assert_eq!((made.verified.instances, made.key_source), (3, vault.options().key_source()));
    #[cfg(unix)]
    for file in ["vault.db", "audit.db", ""] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    for bytes in crate::common::files(&folder).values() {
        assert!(!bytes.windows(7).any(|window| window == b"-secret"));
    }
    assert_eq!(vault.audit(&AuditFilter::default()).unwrap().last().unwrap().event, "backup");
    // A folder with anything in it is somebody's.
    let error = vault.backup(&folder).unwrap_err();
    assert!(
        matches!(error, VaultError::CannotWrite { .. }) && error.to_string().contains("not empty"),
        "{error}"
    );
    assert_eq!(names(&folder), ["audit.db", "vault.db"]);
}

#[test]
fn an_unsound_vault_makes_no_backup() {
    let (home, vault) = full();
    home.sql("vault.db", "UPDATE instances SET status = 'active' WHERE id = 'dead'");
    let folder = home.path().join("backup");
    let error = vault.backup(&folder).unwrap_err();
    assert!(matches!(error, VaultError::Altered { .. }), "{error}");
    assert!(!folder.exists());
}

/// Applications go on: their very next call sees what was put back.
#[tokio::test]
async fn what_is_put_back_is_seen_by_who_has_the_vault_open() {
    let (home, vault) = full();
    let folder = backup_of(&home, &vault);
    let before = vault.list(&Filter::default()).unwrap();
    let running = home.open();
    vault.rotate(&id("shared"), fields("another-secret")).unwrap();
    vault.delete(&id("own")).unwrap();
    store(&vault, "late", exa().in_project("acme", "late"));
    assert_eq!(lent(&running, "research").await.unwrap(), "another-secret");

    let (_, restored) = Vault::restore(home.options(), &folder).unwrap();

    assert!(restored.kept_audit && restored.verified.instances == 3);
    assert_eq!(lent(&running, "research").await.unwrap(), "own-secret");
    assert_eq!(lent(&running, "late").await.unwrap(), "shared-secret");
    assert!(lent(&running, "dead").await.unwrap_err().contains("revoked"));
    assert_eq!(format!("{:?}", running.list(&Filter::default()).unwrap()), format!("{before:?}"));
    // And it can be changed on.
    store(&running, "later", exa().in_project("acme", "late"));
    running.verify().unwrap();
    assert_eq!(names(&folder), ["audit.db", "vault.db"], "nothing happens to a backup");
    // What was there is kept, and can be put back in turn.
    let replaced = restored.replaced.unwrap();
    assert_eq!(names(&replaced), ["audit.db", "vault.db"]);
    Vault::restore(home.options(), &replaced).unwrap();
    assert_eq!(lent(&running, "late").await.unwrap(), "late-secret");
    assert_eq!(lent(&running, "research").await.unwrap(), "another-secret");
}

/// The record goes on, and says of each change whether it is part of the vault.
#[test]
fn the_record_knows_what_was_taken_back() {
    let (home, vault) = full();
    let folder = backup_of(&home, &vault);
    store(&vault, "late", exa().in_project("acme", "late"));
    Vault::restore(home.options(), &folder).unwrap();
    store(&vault, "later", exa().in_project("acme", "later"));
    let committed = |name: &str| {
        let entries = vault.audit(&AuditFilter::default()).unwrap();
        entries.iter().find(|entry| entry.instance.as_deref() == Some(name)).unwrap().committed
    };
    assert_eq!(
        (committed("shared"), committed("late"), committed("later")),
        (Some(true), Some(false), Some(true))
    );
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let restore = entries.iter().find(|entry| entry.event == "restore").unwrap();
    assert_eq!((restore.version, restore.committed), (Some(4), Some(true)));
}

#[tokio::test]
async fn an_altered_group_is_mended_by_it() {
    let (home, vault) = full();
    let folder = backup_of(&home, &vault);
    home.sql("vault.db", "UPDATE instances SET is_default = 0 WHERE id = 'shared'");
    lent(&vault, "p").await.unwrap_err();
    Vault::restore(home.options(), &folder).unwrap();
    assert_eq!(lent(&vault, "p").await.unwrap(), "shared-secret");
}

/// Files that can't be opened make way for those of the backup. A sound record goes on, an unsound one is replaced.
#[tokio::test]
async fn files_that_cannot_be_opened_make_way() {
    for (damage, kept_audit) in
        [(&["vault.db"][..], true), (&["audit.db"], false), (&["vault.db", "audit.db"], false)]
    {
        for how in ["text", "gone", "cut"] {
            let (home, vault) = full();
            let folder = backup_of(&home, &vault);
            drop(vault);
            for file in damage {
                let file = home.path().join(file);
                match how {
                    "text" => fs::write(&file, "not a database").unwrap(),
                    "gone" => fs::remove_file(&file).unwrap(),
                    _ => fs::write(&file, &fs::read(&file).unwrap()[..5000]).unwrap(),
                }
            }
            Vault::open_with(home.options()).unwrap_err();
            let (vault, restored) = Vault::restore(home.options(), &folder).unwrap();
            assert_eq!(restored.kept_audit, kept_audit, "{damage:?} {how}");
            assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
            assert_eq!(vault.get(&id("dead")).unwrap().candidate.status, Status::Revoked);
            drop(vault);
            home.open().verify().unwrap();
            // What was there is kept, if anything was.
            let kept = restored.replaced.map(|folder| names(&folder)).unwrap_or_default();
            let audit_too = damage.contains(&"audit.db") && how != "gone";
            assert_eq!(kept.contains(&"audit.db".to_owned()), audit_too, "{damage:?} {how}: {kept:?}");
            assert!(!home.path().join("restoring").exists());
        }
    }
}

#[test]
fn what_is_no_backup_of_this_vault_changes_nothing() {
    let (home, vault) = full();
    let sound = backup_of(&home, &vault);
    let (other, others) = full();
    others.backup(other.path().join("backup")).unwrap();
    fs::copy(other.path().join("config/vault.keys"), home.path().join("other.keys")).unwrap();
    let [altered, cut, record, killed] = ["altered", "cut", "record", "killed"].map(|name| {
        let folder = home.path().join(name);
        fs::create_dir(&folder).unwrap();
        for file in ["vault.db", "audit.db"] {
            fs::copy(sound.join(file), folder.join(file)).unwrap();
        }
        folder
    });
    let sql = |file: &Path, statement: &str| {
        rusqlite::Connection::open(file).unwrap().execute_batch(statement).unwrap();
    };
    sql(&altered.join("vault.db"), "UPDATE instances SET status = 'active' WHERE id = 'dead'");
    sql(&record.join("audit.db"), "UPDATE entries SET program = 'other' WHERE seq = 2");
    fs::write(cut.join("vault.db"), &fs::read(sound.join("vault.db")).unwrap()[..5000]).unwrap();
    // As a killed process leaves it: what SQLite was about to change, and did not end.
    let open = rusqlite::Connection::open(killed.join("vault.db")).unwrap();
    open.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE instances SET label = hex(zeroblob(9000))")
        .unwrap();
    let journal = fs::read(killed.join("vault.db-journal")).unwrap();
    drop(open);
    fs::write(killed.join("vault.db-journal"), journal).unwrap();
    fs::create_dir(home.path().join("empty")).unwrap();
    let before = format!("{:?}", vault.list(&Filter::default()).unwrap());
    for (folder, code, says) in [
        (home.path().join("nowhere"), "cannot_restore", "holds no backup"),
        (home.path().join("empty"), "cannot_restore", "holds no backup"),
        (altered, "cannot_restore", "its `exa` credentials of `acme` were altered"),
        (cut, "cannot_restore", "its vault.db is damaged"),
        (record, "cannot_restore", "its audit record was altered: row 2"),
        (killed, "cannot_restore", "it was not finished"),
        // The ring has not its key.
        (other.path().join("backup"), "cannot_restore", "which the key file"),
    ] {
        let error = Vault::restore(home.options(), &folder).map(drop).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(format!("{:?}", vault.list(&Filter::default()).unwrap()), before);
        let left = names(home.path());
        assert!(!left.iter().any(|name| name.starts_with("replaced") || name == "restoring"), "{left:?}");
    }
    // Of another vault that the same ring opens.
    let ring = fs::read_to_string(home.path().join("config/vault.keys")).unwrap()
        + &fs::read_to_string(home.path().join("other.keys")).unwrap();
    fs::write(home.path().join("config/vault.keys"), ring).unwrap();
    let error = Vault::restore(home.options(), other.path().join("backup")).map(drop).unwrap_err();
    assert!(error.to_string().contains("is the backup of another vault"), "{error}");
    vault.verify().unwrap();
}

/// A backup opens by the key that it was made under, and the vault goes on with the one that it has.
#[tokio::test]
async fn a_backup_from_before_a_new_key_needs_the_old_one() {
    let (home, vault) = full();
    let folder = backup_of(&home, &vault);
    let ring = home.path().join("config/vault.keys");
    let old = fs::read_to_string(&ring).unwrap();
    vault.rotate_key().unwrap();
    let error = Vault::restore(home.options(), &folder).map(drop).unwrap_err();
    assert!(matches!(error, VaultError::CannotRestore { .. }), "{error}");
    for part in [
        &format!("the backup {} is sealed with the key `", folder.display()),
        &format!("vault.keys.retired >> {}`", ring.display()),
        "then restore again",
    ] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let retired = home.path().join("config/vault.keys.retired");
    let hidden = home.path().join("config/hidden");
    fs::rename(&retired, &hidden).unwrap();
    let error = Vault::restore(home.options(), &folder).map(drop).unwrap_err();
    assert!(error.to_string().contains("from the ring that the backup was made under"), "{error}");
    fs::rename(&hidden, &retired).unwrap();
    let both = fs::read_to_string(&ring).unwrap() + &old;
    fs::write(&ring, both).unwrap();
    let (vault, _) = Vault::restore(home.options(), &folder).unwrap();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
    // Then the old one can go again.
    assert!(vault.rotate_key().unwrap().resumed);
    vault.verify().unwrap();
    let lines = fs::read_to_string(&ring).unwrap();
    assert_eq!(lines.lines().filter(|line| !line.starts_with('#')).count(), 1);
}

/// Whatever can no longer be read or changed, and whoever did it: it makes way, and the vault is one that can be
/// changed again.
#[tokio::test]
async fn whatever_is_altered_or_broken_makes_way() {
    type Damage = Box<dyn Fn(&Home)>;
    let page = |file: &'static str, table: &'static str| {
        move |home: &Home| {
            let root = rusqlite::Connection::open(home.path().join(file))
                .unwrap()
                .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| {
                    row.get::<_, u32>(0)
                })
                .unwrap() as usize;
            let path = home.path().join(file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[(root - 1) * 4096..root * 4096].fill(0x5a);
            fs::write(path, bytes).unwrap();
        }
    };
    let sql = |file: &'static str, statements: &'static str| move |home: &Home| home.sql(file, statements);
    let damages: [(&str, bool, Damage); 9] = [
        ("number", true, Box::new(sql("vault.db", "UPDATE meta SET generation = 99"))),
        ("no number", true, Box::new(sql("vault.db", "DELETE FROM counter"))),
        ("key name", true, Box::new(sql("vault.db", "INSERT INTO keys VALUES ('k9', 0, zeroblob(32))"))),
        ("key check", true, Box::new(sql("vault.db", "UPDATE keys SET mac = zeroblob(32)"))),
        ("secrets", true, Box::new(page("vault.db", "instances"))),
        ("keys", true, Box::new(page("vault.db", "keys"))),
        ("row", false, Box::new(sql("audit.db", "UPDATE entries SET program = 'x' WHERE seq = 2"))),
        ("earlier key", false, Box::new(sql("audit.db", "INSERT INTO retired VALUES ('k9', zeroblob(80))"))),
        ("rows", false, Box::new(page("audit.db", "entries"))),
    ];
    for (name, kept_audit, damage) in damages {
        let (home, vault) = full();
        let folder = backup_of(&home, &vault);
        drop(vault);
        damage(&home);
        let restored = Vault::restore(home.options(), &folder);
        let (vault, restored) = restored.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(restored.kept_audit, kept_audit, "{name}");
        assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret", "{name}");
        store(&vault, "later", exa().in_project("acme", "later"));
        drop(vault);
        home.open().verify().unwrap();
        assert!(!home.path().join("restoring").exists(), "{name}");
    }
}

/// What a killed restoring left has the look of a backup, and is emptied by the next one.
#[test]
fn what_is_being_restored_is_no_backup() {
    let (home, vault) = full();
    let left = home.path().join("restoring");
    vault.backup(&left).unwrap();
    let error = Vault::restore(home.options(), &left).map(drop).unwrap_err();
    assert!(matches!(error, VaultError::CannotRestore { .. }), "{error}");
    assert!(error.to_string().contains("give this one another name"), "{error}");
    assert_eq!(names(&left), ["audit.db", "vault.db"]);
    let saved = home.path().join("saved");
    fs::rename(&left, &saved).unwrap();
    Vault::restore(home.options(), &saved).unwrap();
}

/// A backup from after the one that was put back: no version is above the number of changes, so that none comes again.
#[test]
fn the_number_of_changes_goes_on_from_the_higher_one() {
    let (home, vault) = full();
    let early = backup_of(&home, &vault);
    for round in 0..5 {
        vault.rotate(&id("own"), fields(&format!("own-secret-{round}"))).unwrap();
    }
    let late = home.path().join("late");
    vault.backup(&late).unwrap();
    let generation = vault.verify().unwrap().generation;
    drop(vault);
    // The early one in place of a file, whose own number is lower.
    fs::write(home.path().join("vault.db"), "not a database").unwrap();
    let (vault, restored) = Vault::restore(home.options(), &early).unwrap();
    assert_eq!(restored.verified.generation, generation + 1, "the record knows of the higher one");
    let (_, restored) = Vault::restore(home.options(), &late).unwrap();
    assert_eq!(restored.verified.generation, generation + 2);
    // What is part of the vault again is told as such.
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let last = entries.iter().rfind(|entry| entry.event == "rotate").unwrap();
    assert_eq!(last.committed, Some(true));
}

/// What a restoring took back, another one may bring back.
#[test]
fn the_record_knows_what_was_brought_back() {
    let (home, vault) = full();
    let folder = backup_of(&home, &vault);
    store(&vault, "late", exa().in_project("acme", "late"));
    let (_, restored) = Vault::restore(home.options(), &folder).unwrap();
    store(&vault, "between", exa().in_project("acme", "between"));
    Vault::restore(home.options(), restored.replaced.unwrap()).unwrap();
    store(&vault, "last", exa().in_project("acme", "last"));
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let committed =
        |name: &str| entries.iter().find(|entry| entry.instance.as_deref() == Some(name)).unwrap().committed;
    assert_eq!(
        ["shared", "late", "between", "last"].map(committed),
        [Some(true), Some(true), Some(false), Some(true)]
    );
}

/// A backup waits for the end of a rotation, and is sealed with one key.
#[test]
fn a_backup_beside_rotations_is_sealed_with_one_key() {
    let (home, vault) = full();
    let other = home.open();
    std::thread::scope(|scope| {
        let rotating = scope.spawn(|| (0..8).for_each(|_| drop(other.rotate_key().unwrap())));
        let mut at = 0;
        while at == 0 || !rotating.is_finished() {
            at += 1;
            let folder = home.path().join(format!("backup-{at}"));
            vault.backup(&folder).unwrap_or_else(|error| panic!("{at}: {error}"));
            let keys: u32 = rusqlite::Connection::open(folder.join("vault.db"))
                .unwrap()
                .query_row("SELECT count(*) FROM keys", [], |row| row.get(0))
                .unwrap();
            assert_eq!(keys, 1, "{at}");
        }
    });
}
