//! Making a vault: of many first processes one makes it, and a killed one gets in nobody's way.

use std::fs;
use std::process::Command;

use crate::common::process::test_name;
use crate::common::{Home, exa, store};
use keystroke_vault::{Filter, KeySource, Vault, VaultError, VaultOptions};

#[test]
fn of_many_first_threads_one_makes_the_vault() {
    let home = Home::new();
    let made: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let options = home.options();
                scope.spawn(move || {
                    let (vault, created) = Vault::open_or_init(options).unwrap();
                    store(&vault, &format!("exa-{number}"), exa().in_organization("acme"));
                    usize::from(created.is_some())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(made, 1);
    let vault = home.open();
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 8);
    vault.verify().unwrap();
}

#[test]
fn of_many_first_processes_one_makes_the_vault() {
    const FOLDER: &str = "KEYSTROKE_TEST_FIRST";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let (vault, _) = Vault::open_or_init(VaultOptions::at(folder)).unwrap();
        store(&vault, &format!("exa-{}", std::process::id()), exa().in_organization("acme"));
        return;
    }
    let home = Home::new();
    let children: Vec<_> = (0..6)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &test_name(module_path!(), "of_many_first_processes_one_makes_the_vault")])
                .env(FOLDER, home.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let vault = home.open();
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 6);
    vault.verify().unwrap();
    let ring = fs::read_to_string(home.path().join("config/vault.keys")).unwrap();
    assert_eq!(ring.lines().filter(|line| line.contains(':') && !line.starts_with('#')).count(), 1);
    let events = vault.audit(&Default::default()).unwrap();
    assert_eq!(events.iter().filter(|entry| entry.event == "init").count(), 1);
    assert_eq!(events.iter().filter(|entry| entry.event == "set").count(), 6);
}

/// What a process leaves that is killed after each of the steps.
#[test]
fn a_killed_init_is_in_nobodys_way() {
    let whole = Home::with_vault().0;
    let leave = |files: &[&str], more: &[(&str, &str)]| {
        let home = Home::new();
        fs::create_dir(home.path().join("config")).unwrap();
        for file in files {
            fs::copy(whole.path().join(file), home.path().join(file)).unwrap();
        }
        for (file, text) in more {
            fs::write(home.path().join(file), text).unwrap();
        }
        let (vault, created) = Vault::open_or_init(home.options()).unwrap();
        assert!(created.is_some());
        store(&vault, "shared", exa().in_organization("acme"));
        vault.verify().unwrap();
        drop(vault);
        home.open().verify().unwrap();
        (home, created.unwrap())
    };
    leave(&["vault.lock"], &[]);
    leave(&[], &[("config/vault.keys.new-abcdefgh", "k1:AAAA")]);
    let (home, created) = leave(&["config/vault.keys", "vault.lock"], &[]);
    assert!(!created.new_key);
    assert_eq!(
        fs::read(home.path().join("config/vault.keys")).unwrap(),
        fs::read(whole.path().join("config/vault.keys")).unwrap()
    );
    leave(&["config/vault.keys"], &[("audit.db.new", "half"), ("audit.db.new-journal", "half")]);
    let (home, _) =
        leave(&["config/vault.keys", "audit.db"], &[("vault.db.new", "half"), ("vault.db.new-wal", "half")]);
    // The record goes on where it was.
    let inits = home.open().audit(&Default::default()).unwrap();
    assert_eq!(inits.iter().filter(|entry| entry.event == "init").count(), 2);
}

#[test]
fn a_record_of_another_key_is_not_taken_over() {
    let (home, vault) = Home::with_vault();
    drop(vault);
    fs::remove_file(home.path().join("vault.db")).unwrap();
    fs::remove_file(home.path().join("config/vault.keys")).unwrap();
    let error = Vault::init(home.options()).unwrap_err();
    assert!(error.to_string().contains("audit record of another vault or key"), "{error}");
    assert!(!home.path().join("vault.db").exists() && !home.path().join("config/vault.keys").exists());
}

#[test]
fn a_key_that_is_given_is_not_written_anywhere() {
    const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let home = Home::new();
    let options = || home.options().key(KEY).unwrap();
    assert!(!format!("{:?}", options()).contains("AAEC"));
    let (vault, created) = Vault::init(options()).unwrap();
    assert!(!created.new_key);
    assert_eq!((created.key_source, created.key_id.as_str()), (KeySource::Given, "k1"));
    store(&vault, "shared", exa().in_organization("acme"));
    drop(vault);
    Vault::open_with(options()).unwrap().verify().unwrap();
    assert!(matches!(Vault::open_with(home.options()), Err(VaultError::MissingKey { .. })));
    for (path, content) in home.files() {
        assert!(!path.ends_with("vault.keys"));
        for needle in [KEY.as_bytes(), &(0..32).collect::<Vec<u8>>()] {
            assert!(!content.windows(needle.len()).any(|window| window == needle), "{}", path.display());
        }
    }
    let error = home.options().key("k1:some-secret-text").unwrap_err();
    assert!(!error.to_string().contains("secret-text"), "{error}");
}

#[test]
fn a_ring_elsewhere() {
    let (home, ring) = (Home::new(), Home::new());
    let options = || home.options().key_file(ring.path().join("deep/ring"));
    let (_, created) = Vault::init(options()).unwrap();
    assert!(created.new_key);
    assert!(ring.path().join("deep/ring").exists() && !home.path().join("config").exists());
    // A second vault takes the ring that is there.
    let other = Home::new();
    let (_, second) = Vault::init(other.options().key_file(ring.path().join("deep/ring"))).unwrap();
    assert!(!second.new_key);
    assert_eq!(created.key_id, second.key_id);
}

/// A process that is killed in the middle of its writes leaves all that it said was done, and nothing by
/// halves.
#[test]
fn a_killed_writer_leaves_whole_changes() {
    use std::io::{BufRead as _, BufReader, Write as _};
    const FOLDER: &str = "KEYSTROKE_TEST_KILLED";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let vault = Vault::open_with(VaultOptions::at(folder)).unwrap();
        for number in 0.. {
            store(&vault, &format!("exa-{number}"), exa().in_organization("acme"));
            // Not `println!`, which the test harness holds back.
            writeln!(std::io::stdout(), "done {number}").unwrap();
        }
    }
    for kill_after in [1, 4, 9] {
        let (home, vault) = Home::with_vault();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                &test_name(module_path!(), "a_killed_writer_leaves_whole_changes"),
                "--nocapture",
            ])
            .env(FOLDER, home.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let done = lines.filter(|line| line.contains("done ")).take(kill_after).count();
        child.kill().unwrap();
        child.wait().unwrap();
        for vault in [vault, home.open()] {
            let verified = vault.verify().unwrap();
            assert!(verified.instances >= done);
            assert_eq!(verified.generation as usize, verified.instances);
            // One row may announce a change that did not come to pass; none is missing.
            let sets = verified.audit_entries as usize - 1;
            assert!(sets == verified.instances || sets == verified.instances + 1);
            // And the record says of each whether it did.
            let entries = vault.audit(&Default::default()).unwrap();
            let committed =
                entries.iter().filter(|entry| entry.event == "set" && entry.committed == Some(true));
            assert_eq!(committed.count(), verified.instances);
        }
    }
}

/// "Use it as it is" would be no help with a vault that can't be used.
#[test]
fn a_vault_that_cannot_be_opened_is_told_as_that() {
    let (home, vault) = Home::with_vault();
    drop(vault);
    assert!(matches!(Vault::init(home.options()), Err(VaultError::VaultExists { .. })));
    fs::remove_file(home.path().join("config/vault.keys")).unwrap();
    let error = Vault::init(home.options()).unwrap_err();
    assert!(matches!(error, VaultError::MissingKey { .. }), "{error}");
    for part in ["vault.keys", "KEYSTROKE_VAULT_KEY", "to start over"] {
        assert!(error.fix().contains(part), "{error}");
    }
    assert!(!home.path().join("config/vault.keys").exists(), "no key is made for a vault that has one");
}

/// The program's own vault is another one than that of an application which names a folder.
#[test]
fn the_fix_of_a_missing_vault_makes_it_where_it_is_looked_for() {
    let home = Home::new();
    let folder = home.path().join("Ada's vault");
    let error = Vault::open_with(VaultOptions::at(&folder)).unwrap_err();
    let quoted = folder.display().to_string().replace('\'', r"'\''");
    assert!(error.fix().contains(&format!("`KEYSTROKE_HOME='{quoted}' keystroke vault init`")), "{error}");
}
