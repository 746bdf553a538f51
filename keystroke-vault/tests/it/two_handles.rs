//! Handles that come and go in one process take nothing from each other.

use std::path::Path;
use std::process::Command;

use crate::common::process::test_name;
use crate::common::{Home, exa, store};
use keystroke_vault::{Filter, Vault, VaultOptions};

/// Set for the process that this file's test starts: the folder of the vault it is to use once.
const OTHER: &str = "KEYSTROKE_TEST_OTHER_PROCESS";

/// A handle reads files of the vault itself. Were they closed with it, this process would lose the locks of all its
/// handles, and another process could take the log away from under them.
#[test]
fn a_handle_that_comes_and_goes_takes_no_locks_with_it() {
    if let Ok(folder) = std::env::var(OTHER) {
        let other = rusqlite::Connection::open(Path::new(&folder).join("vault.db")).unwrap();
        let refused =
            other.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0));
        assert!(refused.unwrap_err().to_string().contains("database is locked"));
        drop(other);
        let vault = Vault::open_with(VaultOptions::at(folder)).unwrap();
        let there = vault.list(&Filter::default()).unwrap().len();
        store(&vault, &format!("theirs-{there}"), exa().in_project("acme", "theirs"));
        return;
    }
    let (home, vault) = Home::with_vault();
    store(&vault, "first", exa().in_project("acme", "first"));
    drop(home.open());
    another_process(&home);
    store(&vault, "second", exa().in_project("acme", "second"));
    another_process(&home);
    let ids = |vault: &Vault| -> Vec<_> {
        vault.list(&Filter::default()).unwrap().iter().map(|record| record.candidate.id.to_string()).collect()
    };
    let all = ["first", "second", "theirs-1", "theirs-3"];
    assert_eq!(ids(&vault), all);
    drop(vault);
    assert_eq!(ids(&home.open()), all);
    home.open().verify().unwrap();
}

fn another_process(home: &Home) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test_name(module_path!(), "a_handle_that_comes_and_goes_takes_no_locks_with_it")])
        .env(OTHER, home.path())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}
