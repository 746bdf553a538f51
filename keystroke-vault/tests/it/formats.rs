//! Vaults that earlier versions wrote: they are read, brought up to this version's format once, by whoever opens them
//! first, and lose nothing.

use std::fs;
use std::path::Path;
use std::sync::Barrier;

use crate::common::{Home, fields, lent};
use keystroke_vault::{AuditFilter, Filter, Vault, VaultError};

/// A copy of the vault that `fixtures/README.md` tells of.
fn written_by_format_1() -> Home {
    let home = Home::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/format-1");
    fs::create_dir(home.path().join("config")).unwrap();
    for file in ["vault.db", "audit.db", "config/vault.keys"] {
        fs::write(home.path().join(file), fs::read(from.join(file)).unwrap()).unwrap();
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = home.path().join("config/vault.keys");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    home
}

fn format(home: &Home, file: &str) -> i64 {
    let connection = rusqlite::Connection::open(home.path().join(file)).unwrap();
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_vault_of_format_1_is_read_and_brought_up() {
    let home = written_by_format_1();
    assert_eq!(["vault.db", "audit.db"].map(|file| format(&home, file)), [1, 1]);
    let vault = home.open();
    assert_eq!(["vault.db", "audit.db"].map(|file| format(&home, file)), [2, 2]);
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 2);
    // The direct call of `reveal` in `p` is assigned the shared one, which was rotated.
    assert_eq!(lent(&vault, "p").await.unwrap(), "exa-secret-rotated");
    assert_eq!(lent(&vault, "elsewhere").await.unwrap(), "exa-secret-rotated");
    let events: Vec<String> =
        vault.audit(&AuditFilter::default()).unwrap().into_iter().map(|entry| entry.event).collect();
    assert_eq!(events, ["init", "set", "set", "assign", "rotate", "open", "open"]);
    // What only the new format can do.
    let shared = vault.list(&Filter::default()).unwrap().remove(0).candidate.id.clone();
    vault.rotate_key().unwrap();
    vault.rotate(&shared, fields("exa-secret-of-now")).unwrap();
    assert_eq!(vault.verify().unwrap().instances, 2);
    drop(vault);
    home.open().verify().unwrap();
}

#[test]
fn of_many_who_open_it_first_one_brings_it_up_and_none_fails() {
    // Whoever comes in the midst of it: not each round has one.
    for _ in 0..10 {
        let home = written_by_format_1();
        let all = Barrier::new(8);
        std::thread::scope(|scope| {
            let open = || {
                all.wait();
                home.open().verify().unwrap().audit_entries
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), 5);
            }
        });
        assert_eq!(["vault.db", "audit.db"].map(|file| format(&home, file)), [2, 2]);
    }
}

/// Nothing is written to a file before all is known to fit.
#[test]
fn what_does_not_open_is_not_brought_up() {
    let home = written_by_format_1();
    let row = "UPDATE entries SET program = 'other' WHERE seq = (SELECT max(seq) FROM entries)";
    home.sql("audit.db", row);
    home.sql("audit.db", "UPDATE head SET last_seq = 9");
    Vault::open_with(home.options()).unwrap_err();
    assert_eq!(["vault.db", "audit.db"].map(|file| format(&home, file)), [1, 1]);
}

#[test]
fn a_file_of_format_1_with_a_table_of_format_2_is_refused() {
    let home = written_by_format_1();
    home.sql("audit.db", "CREATE TABLE retired (key_id TEXT)");
    let error = Vault::open_with(home.options()).unwrap_err().to_string();
    assert!(error.contains("its tables were changed (`retired`)"), "{error}");
}

/// What is of format 1 has no seal of its number of changes: it is given one when it is brought up.
#[test]
fn what_was_brought_up_cannot_be_passed_off_as_format_1() {
    let (new, vault) = Home::with_vault();
    drop(vault);
    let old = written_by_format_1();
    drop(old.open());
    for home in [new, old] {
        home.sql(
            "vault.db",
            "DROP TABLE counter; UPDATE meta SET format = 1, generation = 5000; PRAGMA user_version = 1",
        );
        let error = Vault::open_with(home.options()).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("its format was altered"), "{error}");
    }
}

/// The keys are told with a time each, which is as sealed as all else that is told.
#[test]
fn since_when_a_key_is_named_is_sealed() {
    let old = written_by_format_1();
    let vault = old.open();
    vault.metadata(&Filter::default()).unwrap();
    old.sql("vault.db", "UPDATE keys SET created_at = created_at - 1000");
    let error = vault.metadata(&Filter::default()).map(drop).unwrap_err();
    assert!(matches!(error, VaultError::WrongKey { .. }), "{error}");
    drop(vault);
    Vault::open_with(old.options()).unwrap_err();
}
