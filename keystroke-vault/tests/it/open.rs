//! What opening refuses: each refusal is named, says its fix, and leaves the folder as it was.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use crate::common::process::test_name;
use crate::common::{Home, exa, files, store};
use base64::Engine as _;
use keystroke_vault::{Vault, VaultError, VaultOptions};

/// A vault that nobody has open.
fn closed() -> Home {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    drop(vault);
    home
}

/// Asserts that the vault can't be opened, that the error says each of these, and that nothing was written.
#[track_caller]
fn refused(what: &str, home: &Home, says: &[&str]) -> VaultError {
    let before = home.files();
    let error = Vault::open_with(home.options()).expect_err(what);
    let text = error.to_string();
    for part in says.iter().chain(&["To fix it, "]) {
        assert!(text.contains(part), "{what}: `{text}` does not say `{part}`");
    }
    assert!(text.ends_with(&error.fix()));
    let after = home.files();
    let names = |files: &std::collections::BTreeMap<_, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after), "{what}");
    assert!(before == after, "{what}: a file was changed");
    error
}

fn write_ring(home: &Home, text: &str) {
    fs::write(home.path().join("config/vault.keys"), text).unwrap();
}

fn overwrite(home: &Home, file: &str, at: usize, with: &[u8]) {
    let path = home.path().join(file);
    let mut content = fs::read(&path).unwrap();
    content[at..at + with.len()].copy_from_slice(with);
    fs::write(path, content).unwrap();
}

fn other_key(id: &str) -> String {
    format!("{id}:{}\n", base64::engine::general_purpose::STANDARD.encode([7; 32]))
}

fn key_id(home: &Home) -> String {
    let ring = fs::read_to_string(home.path().join("config/vault.keys")).unwrap();
    ring.lines().last().unwrap().split_once(':').unwrap().0.to_owned()
}

#[test]
fn no_vault() {
    let home = Home::new();
    let error = refused("an empty folder", &home, &["no vault", "keystroke vault init", "credentials set"]);
    assert!(matches!(error, VaultError::NoVault { .. }));
    let error = Vault::open(home.path().join("deeper")).unwrap_err();
    assert!(matches!(error, VaultError::NoVault { .. }));
    assert!(home.files().is_empty());
}

#[test]
fn a_missing_ring_is_never_made_anew() {
    let home = closed();
    fs::remove_file(home.path().join("config/vault.keys")).unwrap();
    refused("no ring", &home, &["exists, but its key", "is missing", "vault.keys"]);
    let before = home.files();
    let error = Vault::open_or_init(home.options()).unwrap_err();
    assert!(matches!(error, VaultError::MissingKey { .. }));
    assert!(matches!(Vault::init(home.options()), Err(VaultError::MissingKey { .. })));
    assert!(before == home.files());
}

#[test]
fn a_wrong_ring() {
    let home = closed();
    write_ring(&home, &other_key("k2"));
    refused("another ring", &home, &["is sealed with the key", "does not hold"]);
    let home = closed();
    write_ring(&home, &other_key(&key_id(&home)));
    refused("another key of the same id", &home, &["is not the one that this vault is sealed with"]);
}

#[test]
fn a_ring_with_a_second_key_opens() {
    let home = closed();
    let ring = fs::read_to_string(home.path().join("config/vault.keys")).unwrap();
    write_ring(&home, &format!("\n# more\r\n{ring}\n{}", other_key("k2")));
    home.open().verify().unwrap();
}

#[test]
fn a_malformed_ring_is_named_by_its_line_and_not_shown() {
    let good = other_key("k1");
    for (ring, says) in [
        (String::new(), "holds no key"),
        ("# nothing\n\n".to_owned(), "holds no key"),
        ("\nsome-secret-text".to_owned(), "line 2, has no `:`"),
        (format!("{good}k2:some-secret-text"), "line 2, is not base64 of 32 bytes"),
        ("k1:c29tZQ==".to_owned(), "line 1, is not base64 of 32 bytes"),
        (format!("k1:{}", "A".repeat(4000)), "line 1, is not base64 of 32 bytes"),
        (format!("some secret:{good}"), "line 1, has a key id"),
        (format!("{good}{good}"), "line 2, has the id of an earlier line"),
        (format!("# {}", "x".repeat(70_000)), "is longer than any ring"),
    ] {
        let home = closed();
        write_ring(&home, &ring);
        let error = refused(&ring, &home, &[says, "backup"]);
        assert!(!format!("{error} {error:?}").contains("secret-text"));
    }
    let home = closed();
    fs::write(home.path().join("config/vault.keys"), [0xff, 0xfe]).unwrap();
    refused("bytes", &home, &["is not text"]);
}

#[test]
fn a_ring_that_others_can_read_is_refused() {
    let home = closed();
    let ring = home.path().join("config/vault.keys");
    assert_eq!(fs::metadata(&ring).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o644, 0o640, 0o602, 0o620, 0o601] {
        fs::set_permissions(&ring, fs::Permissions::from_mode(mode)).unwrap();
        refused("mode", &home, &["can be used by others", &format!("{mode:o}"), "chmod 600 "]);
    }
    // What a link leads to is what counts.
    let target = home.path().join("elsewhere");
    fs::rename(&ring, &target).unwrap();
    symlink(&target, &ring).unwrap();
    refused("behind a link", &home, &["chmod 600"]);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o400)).unwrap();
    drop(home.open());
    if rustix_is_root() {
        chown(&target, Some(65_534), None).unwrap();
        refused("of another user", &home, &["belongs to the user 65534", "chown"]);
    }
    fs::remove_file(&ring).unwrap();
    fs::create_dir(&ring).unwrap();
    assert!(Vault::open_with(home.options()).is_err());
}

#[test]
fn what_is_made_is_for_this_user_alone() {
    let home = Home::new();
    let folder = home.path().join("a/b");
    let (vault, created) = Vault::init(VaultOptions::at(&folder)).unwrap();
    assert!(created.new_key && created.vault_file.exists() && created.audit_file.exists());
    store(&vault, "shared", exa().in_organization("acme"));
    for path in files(&folder).into_keys() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn foreign_and_damaged_files() {
    for file in ["vault.db", "audit.db"] {
        let case = |what: &str, change: &dyn Fn(&Home, &Path), says: &[&str]| {
            let home = closed();
            change(&home, &home.path().join(file));
            refused(what, &home, says);
            // Nothing is made over it either.
            let before = home.files();
            Vault::open_or_init(home.options()).expect_err(what);
            assert!(before == home.files(), "{what}");
        };
        case("text", &|_, path| fs::write(path, "hello").unwrap(), &[file, "not an SQLite database", "move"]);
        case("empty", &|_, path| fs::write(path, "").unwrap(), &[file, "is empty", "backup"]);
        case(
            "a folder",
            &|_, path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            &[file, "a folder"],
        );
        case(
            "another application's",
            &|home, path| {
                fs::remove_file(path).unwrap();
                home.sql(file, "CREATE TABLE t (a); PRAGMA user_version = 1");
            },
            &[file, "another application"],
        );
        case(
            "newer",
            &|home, _| overwrite(home, file, 60, &[0, 0, 0, 9]),
            &[file, "format 9", "update keystroke"],
        );
        case("no format", &|home, _| overwrite(home, file, 60, &[0; 4]), &[file, "format number"]);
        case(
            "cut in its header",
            &|_, path| fs::write(path, &fs::read(path).unwrap()[..50]).unwrap(),
            &[file, "is damaged", "cut short", "backup"],
        );
        case(
            "cut in its middle",
            &|_, path| fs::write(path, &fs::read(path).unwrap()[..8192]).unwrap(),
            &[file, "is damaged", "cut short"],
        );
        case("a broken page", &|home, _| overwrite(home, file, 100, &[0xff; 64]), &[file, "is damaged"]);
    }
}

#[test]
fn a_newer_format_that_is_still_in_the_log() {
    let home = closed();
    let newer = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    newer.execute_batch("PRAGMA user_version = 9").unwrap();
    let error = Vault::open_with(home.options()).unwrap_err();
    assert!(matches!(error, VaultError::NewerFormat { format: 9, .. }));
}

#[test]
fn an_audit_record_that_is_not_there_or_not_ours() {
    let home = closed();
    fs::remove_file(home.path().join("audit.db")).unwrap();
    refused("no audit", &home, &["audit.db", "is missing", "backup"]);
    let (home, other) = (closed(), closed());
    fs::copy(other.path().join("audit.db"), home.path().join("audit.db")).unwrap();
    refused("another vault's audit", &home, &["audit.db", "belongs to another vault"]);
}

fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Root may write whatever the mode says, so the test runs itself again as somebody else.
#[test]
fn a_folder_that_cannot_be_written_is_of_no_use() {
    const FOLDER: &str = "KEYSTROKE_TEST_READ_ONLY";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let error = Vault::open_with(VaultOptions::at(&folder)).expect_err("read-only");
        let text = error.to_string();
        assert!(matches!(error, VaultError::ReadOnly { .. }), "{text}");
        assert!(text.contains(&*folder.to_string_lossy()) && text.contains("audit record"), "{text}");
        let error = Vault::init(VaultOptions::at(Path::new(&folder).join("new"))).expect_err("read-only");
        assert!(matches!(error, VaultError::ReadOnly { .. }), "{error}");
        return;
    }
    for (folder_mode, file_mode) in [(0o555, 0o600), (0o555, 0o400), (0o755, 0o400)] {
        let home = closed();
        let root = rustix_is_root();
        let runner = home.path().join("runner");
        if root {
            // By another process: a program that this one has open for writing can't be run, not even by a process that
            // another test starts meanwhile and that has inherited it for a moment.
            let copied =
                Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&runner).status().unwrap();
            assert!(copied.success());
            fs::set_permissions(&runner, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for path in home.files().into_keys().chain([home.path().to_owned()]) {
            if path == runner {
                continue;
            }
            if root {
                chown(&path, Some(65_534), Some(65_534)).unwrap();
            }
            let mode = if path.is_dir() { folder_mode } else { file_mode };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        // The third case has only the files read-only; a new vault beside them could be made.
        if folder_mode == 0o755 {
            fs::create_dir(home.path().join("new")).unwrap();
            fs::set_permissions(home.path().join("new"), fs::Permissions::from_mode(0o555)).unwrap();
            if root {
                chown(home.path().join("new"), Some(65_534), Some(65_534)).unwrap();
            }
        }
        let mut command = Command::new(if root { runner } else { std::env::current_exe().unwrap() });
        if root {
            std::os::unix::process::CommandExt::uid(&mut command, 65_534);
            std::os::unix::process::CommandExt::gid(&mut command, 65_534);
        }
        let output = command
            .args([
                "--exact",
                &test_name(module_path!(), "a_folder_that_cannot_be_written_is_of_no_use"),
                "--nocapture",
            ])
            .env(FOLDER, home.path())
            .current_dir("/")
            .output()
            .unwrap();
        for path in home.files().into_keys().chain([home.path().to_owned()]) {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        assert!(
            output.status.success(),
            "{folder_mode:o} {file_mode:o}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }
}

/// A pipe has no end until somebody writes into it, which may be never.
#[test]
fn a_pipe_in_place_of_the_ring_is_not_waited_for() {
    let home = closed();
    let ring = home.path().join("config/vault.keys");
    fs::remove_file(&ring).unwrap();
    assert!(Command::new("mkfifo").arg("-m").arg("600").arg(&ring).status().unwrap().success());
    let (sender, receiver) = std::sync::mpsc::channel();
    let options = home.options();
    std::thread::spawn(move || sender.send(Vault::open_with(options).unwrap_err()));
    let error = receiver.recv_timeout(std::time::Duration::from_secs(20)).expect("it waits for the pipe");
    assert!(matches!(error, VaultError::NotAVault { .. }), "{error}");
}

/// `file:` is the beginning of a folder's name like any other, and not of an address with settings in it.
#[test]
fn a_folder_that_looks_like_an_address_is_a_folder() {
    const FOLDER: &str = "KEYSTROKE_TEST_ADDRESS";
    if std::env::var_os(FOLDER).is_some() {
        let options = || VaultOptions::at("file:there?mode=memory&x=");
        let (vault, created) = Vault::init(options()).unwrap();
        store(&vault, "shared", exa().in_organization("acme"));
        drop(vault);
        assert_eq!(Vault::open_with(options()).unwrap().verify().unwrap().instances, 1);
        assert!(created.vault_file.exists());
        return;
    }
    let home = Home::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test_name(module_path!(), "a_folder_that_looks_like_an_address_is_a_folder")])
        .env(FOLDER, "1")
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(home.path().join("file:there?mode=memory&x=/vault.db").exists());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

/// The variables of the environment, in a process that has them.
#[test]
fn the_environment_says_where_vault_and_key_are() {
    const CASE: &str = "KEYSTROKE_TEST_CASE";
    const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    if let Some(case) = std::env::var_os(CASE) {
        match case.to_str().unwrap() {
            "init" => drop(Vault::init(VaultOptions::from_env().unwrap()).unwrap()),
            "default" => drop(Vault::open_default().unwrap()),
            folder => drop(Vault::open(folder).unwrap()),
        }
        return;
    }
    let home = Home::new();
    let folder = home.path().to_string_lossy().into_owned();
    let child = |case: &str, variables: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        for variable in ["KEYSTROKE_HOME", "KEYSTROKE_VAULT_KEY", "KEYSTROKE_VAULT_KEY_FILE"] {
            command.env_remove(variable);
        }
        command
            .args(["--exact", &test_name(module_path!(), "the_environment_says_where_vault_and_key_are")])
            .env(CASE, case);
        command.envs(variables.iter().copied()).output().unwrap().status.success()
    };
    let home_and_key = [("KEYSTROKE_HOME", folder.as_str()), ("KEYSTROKE_VAULT_KEY", KEY)];
    assert!(child("init", &home_and_key));
    assert!(!home.path().join("config").exists());
    assert!(child("default", &home_and_key));
    assert!(!child("default", &home_and_key[..1]));
    assert!(child(&folder, &home_and_key[1..]));
    assert!(!child(&folder, &[]));
    // Without `KEYSTROKE_HOME` the folders are those of the user.
    let user = [("HOME", folder.as_str()), ("XDG_DATA_HOME", ""), ("XDG_CONFIG_HOME", "")];
    assert!(child("init", &user));
    assert!(home.path().join(".local/share/keystroke/vault.db").exists());
    assert!(home.path().join(".config/keystroke/vault.keys").exists());
    assert!(child("default", &user));
}

/// The log of a file that is gone may still hold changes; they are not part of a new file.
#[test]
fn the_log_of_a_file_that_is_gone_is_not_taken_for_a_new_one() {
    for file in ["vault.db", "audit.db"] {
        let (home, vault) = Home::with_vault();
        store(&vault, "a", exa().in_organization("acme"));
        let log = home.path().join(format!("{file}-wal"));
        let left = fs::read(&log).unwrap();
        assert!(!left.is_empty());
        drop(vault);
        for file in ["vault.db", "audit.db"] {
            fs::remove_file(home.path().join(file)).unwrap();
        }
        fs::write(&log, left).unwrap();
        let error = Vault::open_or_init(home.options()).map(drop).unwrap_err();
        assert!(error.to_string().contains(&format!("move {} away", log.display())), "{error}");
        fs::remove_file(log).unwrap();
        let (vault, _) = Vault::open_or_init(home.options()).unwrap();
        assert_eq!(vault.verify().unwrap().instances, 0);
    }
}

/// Who may write to the folder could exchange the files in it.
#[cfg(unix)]
#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let mode = |folder: &Path, mode: u32| {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    let top = Home::new();
    let folder = top.path().join("a folder");
    fs::create_dir(&folder).unwrap();
    let refused = |error: VaultError| {
        assert!(
            matches!(error, VaultError::ExposedFolder { .. }) && error.code() == "exposed_folder",
            "{error}"
        );
        let (text, fix) = (error.to_string(), error.fix());
        assert!(text.contains("others may exchange the files in the folder"), "{text}");
        // As it is pasted into a shell.
        let command = fix.split('`').nth(1).unwrap().to_owned();
        assert!(command.starts_with("chmod o-w '") && command.ends_with("a folder'"), "{fix}");
        command
    };
    let run = |command: &str| assert!(Command::new("sh").args(["-c", command]).status().unwrap().success());
    for open in [0o777, 0o1777, 0o707, 0o702] {
        mode(&folder, open & !0o020);
        let command = refused(Vault::init(VaultOptions::at(&folder)).map(drop).unwrap_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing was made there");
        run(&command);
        drop(Vault::init(VaultOptions::at(&folder)).unwrap());
        mode(&folder, open & !0o020);
        run(&refused(Vault::open_with(VaultOptions::at(&folder)).map(drop).unwrap_err()));
        Vault::open_with(VaultOptions::at(&folder)).unwrap().verify().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
    }
    // One that everybody may read, and a sticky one above, are no danger.
    mode(&folder, 0o755);
    mode(top.path(), 0o1777);
    drop(Vault::init(VaultOptions::at(&folder)).unwrap());
    mode(top.path(), 0o700);
    // The key's own folder is keystroke's alone too, whoever owns it.
    for open in [0o777, 0o1777] {
        mode(&folder.join("config"), open);
        let error = Vault::open_with(VaultOptions::at(&folder)).map(drop).unwrap_err();
        assert!(matches!(error, VaultError::ExposedFolder { .. }), "{error}");
    }
    mode(&folder.join("config"), 0o700);
    // Nor may others exchange the key's file, or the folder that it is in.
    let keys = top.path().join("keys");
    fs::create_dir(&keys).unwrap();
    fs::copy(folder.join("config/vault.keys"), keys.join("ring")).unwrap();
    let by_file = || Vault::open_with(VaultOptions::at(&folder).key_file(keys.join("ring")));
    by_file().unwrap();
    if chown(&keys, Some(12_345), Some(12_345)).is_ok() || !rustix_is_root() {
        mode(&keys, 0o777);
        assert!(matches!(by_file(), Err(VaultError::ExposedFolder { .. })));
        // As a secret is mounted.
        mode(&keys, 0o1777);
        by_file().unwrap();
    }
}
