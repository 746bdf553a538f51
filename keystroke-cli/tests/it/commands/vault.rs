//! The vault as the program meets it: made once however many ask, and left alone when something is wrong with it.

use std::fs;
use std::path::PathBuf;

use crate::support::{Done, Home};

#[test]
fn two_first_sets_at_once_make_one_ring_and_one_vault() {
    for round in 0..8 {
        let home = Home::new();
        let first = home
            .run(&["credentials", "set", "exa", "--set", "api_key=@stdin"])
            .stdin("first-secret-7Qm2vX9d");
        let second = home
            .run(&["credentials", "set", "exa", "--set", "api_key=@stdin", "--scope", "project"])
            .stdin("second-secret-7Qm2vX9d");
        let children = [first.start(), second.start()];
        let done =
            children.map(|child| Done::new(format!("round {round}"), child.wait_with_output().unwrap()).ok());
        let told = done.iter().filter(|done| done.err.contains("created the vault")).count();
        assert_eq!(told, 1, "{done:?}");
        assert_eq!(
            fs::read_to_string(home.ring()).unwrap().lines().filter(|line| !line.starts_with('#')).count(),
            1
        );
        let list = home.run(&["credentials", "list", "exa"]).json();
        assert_eq!(list["instances"].as_array().unwrap().len(), 2, "{list}");
        assert_eq!(home.run(&["vault", "verify"]).json()["instances"], 2);
    }
}

#[test]
fn the_first_set_tells_where_the_key_is_and_what_losing_it_means() {
    let home = Home::new();
    let set = home
        .run(&["credentials", "set", "exa", "--set", "api_key=@stdin"])
        .stdin("exa-secret-7Qm2vX9d")
        .done()
        .ok();
    for text in ["vault.db", "vault.keys", "back up that file", "if the key is lost"] {
        assert!(set.err.contains(text), "{}", set.err);
    }
    let next = home
        .run(&["credentials", "set", "slack", "--set", "token=@stdin"])
        .stdin("slack-secret-7Qm2vX9d")
        .done()
        .ok();
    assert_eq!(next.err, "");
}

/// A home with something wrong, what the error's code is, and what its fix names.
type Wrong = (&'static str, fn(&Home), &'static [&'static str]);

#[test]
fn what_is_wrong_with_a_vault_is_said_and_nothing_is_changed() {
    let wrongs: &[Wrong] = &[
        (
            "no_vault",
            |home| fs::remove_dir_all(home.vault()).unwrap(),
            &["keystroke vault init", "credentials set"],
        ),
        #[cfg(unix)]
        (
            "exposed_folder",
            |home| {
                fs::set_permissions(home.vault(), std::os::unix::fs::PermissionsExt::from_mode(0o707))
                    .unwrap()
            },
            &["chmod o-w ", "vault"],
        ),
        ("missing_key", |home| fs::remove_file(home.ring()).unwrap(), &["vault.keys", "KEYSTROKE_VAULT_KEY"]),
        (
            "not_a_vault",
            |home| fs::write(home.vault().join("vault.db"), "just a text\n").unwrap(),
            &["vault.db", "KEYSTROKE_HOME"],
        ),
        ("malformed_ring", |home| fs::write(home.ring(), "not a ring\n").unwrap(), &["vault.keys"]),
        (
            "no_audit",
            |home| fs::remove_file(home.vault().join("audit.db")).unwrap(),
            &["keystroke vault restore"],
        ),
    ];
    for (code, spoil, says) in wrongs {
        let (home, id) = Home::with_exa();
        spoil(&home);
        let before = home.files();
        let mut lines = vec![
            vec!["credentials", "list"],
            vec!["credentials", "show", &id],
            vec!["credentials", "update", &id, "--default"],
            vec!["credentials", "rotate", &id, "--set", "api_key=new-secret-7Qm2vX9d"],
            vec!["credentials", "revoke", &id],
            vec!["credentials", "delete", &id, "--yes"],
            vec!["credentials", "assign", &id, "--action", "search", "--direct"],
            vec!["credentials", "unassign", "exa", "--action", "search", "--direct"],
            vec!["credentials", "assignments"],
            vec!["explain", "exa"],
            vec!["audit"],
            vec!["vault", "verify"],
        ];
        if *code != "no_vault" {
            lines.push(vec!["credentials", "set", "slack", "--set", "token=slack-secret-7Qm2vX9d"]);
        }
        for line in lines {
            let refused = home.run(&line).refused(1);
            assert_eq!(refused.code, *code, "{line:?}: {refused:?}");
            for text in *says {
                assert!(refused.fix.contains(text), "{line:?}: {refused:?}");
            }
        }
        let names =
            |files: &std::collections::BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&home.files()), names(&before), "{code}");
        assert!(home.files() == before, "{code}: a file was changed");
    }
}

#[test]
fn the_key_may_come_from_the_environment_and_is_then_not_written() {
    let home = Home::new();
    let key = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let set =
        home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin"]).env("KEYSTROKE_VAULT_KEY", key);
    let set = set.stdin("exa-secret-7Qm2vX9d").done().ok();
    assert!(set.err.contains("KEYSTROKE_VAULT_KEY") && !set.err.contains("MDEy"), "{}", set.err);
    assert!(!home.ring().exists());
    assert_eq!(home.run(&["credentials", "list"]).refused(1).code, "missing_key");
    home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY", key).ok();
    let empty = home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY", "").refused(1);
    assert_eq!(empty.code, "environment");
}

fn key_ids(home: &Home) -> Vec<String> {
    let ring = fs::read_to_string(home.ring()).unwrap();
    let lines = ring.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one() {
    let (home, id) = Home::with_exa();
    let old = key_ids(&home);
    let done = home.run(&["vault", "rotate-key"]).json();
    let new = key_ids(&home);
    assert_eq!(done["key"]["id"], *new[0]);
    assert_eq!((done["retired"][0].as_str(), done["left"].as_array().unwrap().len()), (Some(&*old[0]), 0));
    assert_eq!((&done["resumed"], &done["resealed"]), (&false.into(), &1.into()));
    assert_eq!((new.len(), &done["key"]["source"]), (1, &"file".into()));
    let verified = home.run(&["vault", "verify"]).json();
    assert_eq!(verified["instances"], 1);
    let audit = home.run(&["audit"]).ok();
    for text in ["rotate_key", "reseal", "retire_key", old[0].as_str()] {
        assert!(audit.contains(text), "{audit}");
    }
    assert!(home.run(&["credentials", "show", &id]).ok().contains("version       1"));
    // One from the environment is changed there.
    let key = fs::read_to_string(home.ring()).unwrap();
    let key = key.lines().find(|line| !line.starts_with('#')).unwrap();
    let refused = home.run(&["vault", "rotate-key"]).env("KEYSTROKE_VAULT_KEY", key).refused(1);
    assert!(refused.message.contains("KEYSTROKE_VAULT_KEY cannot be changed from here"), "{refused:?}");
}

#[test]
fn a_backup_is_put_back_when_it_is_confirmed() {
    let (home, id) = Home::with_exa();
    let made = home.run(&["vault", "backup", "copy"]).json();
    assert_eq!(made["instances"], 1);
    assert!(made["key"]["file"].as_str().unwrap().ends_with("vault.keys"));
    let refused = home.run(&["vault", "backup", "copy"]).refused(1);
    assert!(refused.message.contains("copy is not empty"), "{refused:?}");
    home.run(&["credentials", "revoke", &id]).ok();
    let refused = home.run(&["vault", "restore", "copy"]).refused(1);
    assert_eq!(
        (refused.code.as_str(), refused.fix.as_str()),
        ("unconfirmed", "run the same command with `--yes`")
    );
    assert!(home.run(&["credentials", "show", &id]).ok().contains("revoked"));
    let done = home.run(&["vault", "restore", "copy", "--yes"]).json();
    assert_eq!((&done["kept_audit"], &done["instances"]), (&true.into(), &1.into()));
    assert!(PathBuf::from(done["replaced"].as_str().unwrap()).join("vault.db").exists());
    assert!(home.run(&["credentials", "show", &id]).ok().contains("active"));
    // Where there is no vault nothing can be replaced, and nothing is asked.
    for file in ["vault.db", "audit.db"] {
        fs::remove_file(home.vault().join(file)).unwrap();
    }
    let done = home.run(&["vault", "restore", "copy"]).json();
    assert_eq!((&done["kept_audit"], &done["replaced"]), (&false.into(), &serde_json::Value::Null));
    assert!(home.run(&["credentials", "show", &id]).ok().contains("active"));
    let refused = home.run(&["vault", "restore", "nowhere", "--yes"]).refused(1);
    assert_eq!(refused.code, "cannot_restore");
    assert!(refused.message.contains("nowhere holds no backup"), "{refused:?}");
}

#[test]
fn old_entries_are_taken_out_of_the_record() {
    let (home, _) = Home::with_exa();
    assert_eq!(home.run(&["audit", "prune", "--before", "1d"]).json()["pruned"], 0);
    assert_eq!(home.run(&["audit", "prune", "--before", "0s"]).json()["pruned"], 2);
    let entries = home.run(&["audit"]).json();
    assert_eq!(entries["entries"][0]["event"], "prune");
    home.run(&["vault", "verify"]).ok();
    for line in [
        &["audit", "prune"][..],
        &["audit", "prune", "--before", "soon"],
        &["audit", "--key", "exa", "prune"],
    ] {
        home.run(line).refused(2);
    }
}

/// Without the feature `os-keyring`, as the tests are built.
#[cfg(not(feature = "os-keyring"))]
#[test]
fn a_keyring_that_was_not_built_in_is_not_passed_over() {
    let (home, _) = Home::with_exa();
    let refused = home.run(&["credentials", "list"]).env("KEYSTROKE_VAULT_KEYRING", "1").refused(1);
    assert!(refused.message.contains("built without the feature `os-keyring`"), "{refused:?}");
    let refused = home.run(&["credentials", "list"]).env("KEYSTROKE_VAULT_KEYRING", "yes").refused(1);
    assert!(refused.message.contains("is neither 1 nor 0"), "{refused:?}");
}

#[test]
fn an_altered_key_can_be_given_up() {
    let (home, _) = Home::with_exa();
    home.run(&["credentials", "set", "slack", "--set", "token=@stdin"]).stdin("slack-secret-7Qm2vX9d").ok();
    let vault = rusqlite::Connection::open(home.vault().join("vault.db")).unwrap();
    vault.execute_batch("UPDATE instances SET label = 'Mine' WHERE key = 'exa'").unwrap();
    drop(vault);
    let refused = home.run(&["credentials", "list", "exa"]).refused(1);
    assert_eq!(refused.code, "altered");
    let discard =
        refused.fix.split('`').find(|part| part.starts_with("keystroke credentials discard")).unwrap();
    let words: Vec<&str> = discard.split(' ').skip(1).collect();
    let unconfirmed = home.run(&words).refused(1);
    assert!(unconfirmed.message.contains("they were altered outside keystroke"), "{unconfirmed:?}");
    assert_eq!(home.run(&words).arg("--yes").json()["discarded"], 1);
    assert_eq!(home.run(&["credentials", "list", "exa"]).json()["instances"], serde_json::json!([]));
    home.run(&["credentials", "show", "slack"]).refused(1);
    home.run(&["vault", "verify"]).ok();
    let refused = home.run(&words).refused(1);
    assert_eq!(refused.code, "nothing_to_discard");
}

/// As people give a key to a server: what `vault new-key` prints, or what the key file holds.
#[test]
fn a_new_key_makes_a_vault_without_a_file() {
    let home = Home::new();
    let done = home.run(&["vault", "new-key"]).done().ok();
    let key = done.out.as_str();
    assert!(
        key.lines().count() == 1 && !done.err.contains(key.trim_end().split_once(':').unwrap().1),
        "{done:?}"
    );
    for part in ["it is not stored", "KEYSTROKE_VAULT_KEY", "KEYSTROKE_VAULT_KEY_FILE"] {
        assert!(done.err.contains(part), "{done:?}");
    }
    assert!(!home.vault().exists(), "it is not stored");
    let set = ["credentials", "set", "exa", "--set", "api_key=@stdin"];
    let set = home.run(&set).env("KEYSTROKE_VAULT_KEY", key).stdin("exa-secret-7Qm2vX9d").done().ok();
    assert!(set.err.contains("it is sealed with the key"), "{set:?}");
    home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY", key.trim_end()).ok();
    assert!(!home.ring().exists());
    let json = home.run(&["vault", "new-key"]).json();
    let other = json["key"].as_str().unwrap();
    assert!(other.starts_with(&format!("{}:", json["id"].as_str().unwrap())) && other != key.trim_end());
    let init = Home::new();
    init.run(&["vault", "init"]).env("KEYSTROKE_VAULT_KEY", other).ok();
    // Of a key that is none, neither the fix nor the message repeats a part.
    let broken = &other[..other.len() - 4];
    let refused = init.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY", broken).refused(1);
    assert_eq!(refused.code, "malformed_ring");
    assert!(!refused.people.contains(broken.split_once(':').unwrap().1), "{refused:?}");
    assert!(refused.fix.contains("`export KEYSTROKE_VAULT_KEY=\"$(cat vault.keys)\"`"), "{refused:?}");
}

#[test]
fn a_variable_takes_what_the_key_file_holds() {
    let (home, _) = Home::with_exa();
    let file = fs::read_to_string(home.ring()).unwrap();
    let entry = file.lines().find(|line| !line.starts_with('#')).unwrap().to_owned();
    let other = home.run(&["vault", "new-key"]).ok();
    fs::remove_file(home.ring()).unwrap();
    for text in [
        file.clone(),
        file.replace('\n', "\r\n"),
        format!("{entry}\n"),
        format!("\"{entry}\""),
        format!("'{entry}'\n"),
        format!("\"{file}\""),
        format!("\u{feff}{file}"),
        format!("{entry},{other}"),
        format!("{file}{other}"),
        format!("{other}\n\n# The old one, until all has moved.\n{entry}\n"),
    ] {
        home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY", &text).ok();
        // And a file takes what a variable may hold.
        let path = home.work().join("ring");
        fs::write(&path, &text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY_FILE", &path).ok();
    }
}

/// "There is a vault already: use it as it is" is no help where it can't be used.
#[test]
fn init_says_what_is_wrong_with_the_vault_that_is_there() {
    let spoilt = |spoil: fn(&Home)| {
        let (home, _) = Home::with_exa();
        spoil(&home);
        let before = home.files();
        let refused = home.run(&["vault", "init"]).refused(1);
        assert!(home.files() == before, "a file was changed");
        refused
    };
    let gone = spoilt(|home| fs::remove_file(home.ring()).unwrap());
    assert_eq!(gone.code, "missing_key");
    assert!(gone.fix.contains("put the key file back") && gone.fix.contains("to start over"), "{gone:?}");
    assert_eq!(spoilt(|home| fs::write(home.ring(), "nonsense\n").unwrap()).code, "malformed_ring");
    assert_eq!(
        spoilt(|home| fs::write(home.vault().join("vault.db"), "nonsense\n").unwrap()).code,
        "not_a_vault"
    );
    assert_eq!(spoilt(|home| fs::remove_file(home.vault().join("audit.db")).unwrap()).code, "no_audit");
    assert_eq!(spoilt(|_| {}).code, "vault_exists");
}
