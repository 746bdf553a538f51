//! Rows and files of any size, planted by an attacker who can write the vault's files and does not have its key. They
//! are refused before they are read, with a named error, and `verify` finds them.

use crate::common::{Home, exa, id, lent, store};
use keystroke_core::Assignment;
use keystroke_vault::{AuditFilter, Filter, Vault, VaultError};

const TOO_BIG: &str = "it holds more than keystroke writes";

fn full() -> (Home, Vault) {
    let (home, vault) = Home::with_vault();
    store(&vault, "own", exa().in_project("acme", "research").label("Own").account("it@acme.example"));
    let to = Assignment::in_project("acme", "research").tool("researcher", "reveal");
    vault.assign(&to, "exa", &id("own")).unwrap();
    (home, vault)
}

/// More than any column has, though SQLite would let it through to us; and more than that.
fn lengths(column: &str) -> &'static [&'static str] {
    if ["label", "action"].contains(&column) { &["40000", "20000000"] } else { &["40000"] }
}

#[tokio::test]
async fn a_long_text_of_a_group_is_refused_before_it_is_read() {
    let instances =
        ["scope", "owner", "kind", "label", "status", "account", "granted", "fields", "short_fields"];
    let assignments = ["project", "consumer_kind", "consumer", "action", "instance"];
    let columns = instances.map(|column| ("instances", column)).into_iter();
    for (table, column) in columns.chain(assignments.map(|column| ("assignments", column))) {
        for length in lengths(column) {
            let (home, vault) = full();
            home.sql(
                "vault.db",
                &format!("UPDATE {table} SET {column} = CAST(replace(hex(zeroblob({length} / 2)), '0', 'x') AS TEXT)"),
            );
            for handle in [vault.clone(), home.open()] {
                let what = format!("{table}.{column}, {length}");
                let refused = lent(&handle, "research").await.unwrap_err();
                assert!(
                    refused.contains(TOO_BIG) && refused.contains("restore a backup"),
                    "{what}: {refused:.300}"
                );
                for error in [
                    handle.list(&Filter::default()).map(drop).unwrap_err(),
                    handle.revoke(&id("own")).map(drop).unwrap_err(),
                    handle.verify().map(drop).unwrap_err(),
                ] {
                    let named = matches!(error, VaultError::Altered { .. } | VaultError::Damaged { .. });
                    assert!(named && error.to_string().contains(TOO_BIG), "{what}: {error:.300}");
                }
            }
        }
    }
}

#[test]
fn a_large_value_anywhere_is_a_named_error() {
    for (file, sql) in [
        ("vault.db", "UPDATE instances SET sealed = zeroblob(20000000)"),
        ("vault.db", "UPDATE seals SET mac = zeroblob(20000000)"),
        ("vault.db", "UPDATE seals SET key_id = CAST(zeroblob(20000000) AS TEXT)"),
        ("vault.db", "UPDATE counter SET mac = zeroblob(20000000)"),
        ("vault.db", "UPDATE keys SET mac = zeroblob(20000000)"),
        ("vault.db", "UPDATE meta SET vault = zeroblob(20000000)"),
        ("audit.db", "UPDATE entries SET cause = CAST(zeroblob(20000000) AS TEXT) WHERE seq = 2"),
        ("audit.db", "UPDATE entries SET event = CAST(zeroblob(20000000) AS TEXT) WHERE seq = 2"),
        ("audit.db", "UPDATE entries SET mac = zeroblob(20000000)"),
        ("audit.db", "UPDATE head SET mac = zeroblob(20000000)"),
        ("audit.db", "UPDATE meta SET vault = zeroblob(20000000)"),
        ("audit.db", "INSERT INTO retired VALUES ('k', zeroblob(20000000))"),
    ] {
        let (home, vault) = full();
        drop(vault);
        home.sql(file, sql);
        let error = Vault::open_with(home.options()).and_then(|vault| vault.verify()).unwrap_err();
        assert!(
            matches!(
                error,
                VaultError::Altered { .. } | VaultError::Damaged { .. } | VaultError::AuditAltered { .. }
            ),
            "{sql}: {error:.300}"
        );
        assert!(error.to_string().contains(TOO_BIG), "{sql}: {error:.300}");
        assert!(error.fix().contains("restore a backup"), "{sql}");
        if file == "audit.db" && sql.contains("entries") && !sql.contains("mac") {
            let vault = home.open();
            assert!(
                matches!(vault.audit(&AuditFilter::default()), Err(VaultError::AuditAltered { .. })),
                "{sql}"
            );
        }
    }
}

/// So many that reading them all would hold up each call.
#[tokio::test]
async fn rows_without_end_are_refused_before_all_are_read() {
    let numbers = |most: u32| {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})")
    };
    let (home, vault) = full();
    home.sql(
        "vault.db",
        &format!(
            "{} INSERT INTO instances SELECT organization, key, 'z' || i, scope, owner, kind, label, 0, status, version, \
             account, granted, expires_at, created_at, updated_at, fields, short_fields, sealed FROM n, instances",
            numbers(100_001)
        ),
    );
    let refused = lent(&vault, "research").await.unwrap_err();
    assert!(refused.contains("there are more than 100,000 rows"), "{refused}");
    assert!(vault.verify().unwrap_err().to_string().contains("more than 100,000 rows"));

    let (home, vault) = full();
    home.sql(
        "vault.db",
        &format!(
            "{} INSERT INTO assignments SELECT organization, key, 'z' || i, consumer_kind, consumer, action, instance \
             FROM n, assignments",
            numbers(100_001)
        ),
    );
    let refused = lent(&vault, "research").await.unwrap_err();
    assert!(refused.contains("there are more than 100,000 rows"), "{refused}");

    let (home, vault) = full();
    drop(vault);
    home.sql(
        "vault.db",
        &format!("{} INSERT INTO keys SELECT 'z' || i, 0, zeroblob(32) FROM n", numbers(2_000)),
    );
    let error = Vault::open_with(home.options()).unwrap_err();
    assert!(error.to_string().contains("names more than 1600 keys"), "{error}");
}

#[test]
fn a_schema_without_end_is_refused() {
    for planted in [
        format!("CREATE TABLE planted (a /* {} */)", "x".repeat(1_000_000)),
        format!("CREATE VIEW planted AS SELECT '{}'", "x".repeat(20_000_000)),
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || hex(zeroblob(1000000))"
            .to_owned(),
    ] {
        for file in ["vault.db", "audit.db"] {
            let (home, vault) = full();
            drop(vault);
            home.sql(file, &planted);
            let error = Vault::open_with(home.options()).unwrap_err();
            let named = matches!(error, VaultError::Damaged { .. });
            assert!(named && !error.to_string().contains("xxxx"), "{file}: {planted:.60}: {error:.300}");
        }
    }
}

/// A file of a hundred gigabytes that takes no room.
#[cfg(unix)]
#[tokio::test]
async fn a_file_with_nothing_in_it_is_not_read_to_its_end() {
    let (home, vault) = full();
    drop(vault);
    let file = std::fs::File::options().write(true).open(home.path().join("vault.db")).unwrap();
    let length = file.metadata().unwrap().len();
    if file.set_len(100 << 30).is_err() {
        return;
    }
    let vault = home.open();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
    vault.verify().unwrap();
    let made = vault.backup(home.path().join("backup")).unwrap();
    assert!(std::fs::metadata(made.vault_file).unwrap().len() <= 2 * length);
}
