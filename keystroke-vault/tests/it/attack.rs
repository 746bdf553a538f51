//! What an attacker can do who can write the vault's file and does not have its key. Each attack ends in an error
//! that names the organization and key, both in a process that had the vault open before and in a new one, and never
//! in a value.

use crate::common::{Home, exa, id, lent, store, used};
use keystroke_core::{Assignment, Consumer, Fields, Instance, Runtime};
use keystroke_vault::{AuditEntry, AuditFilter, Change, Filter, Vault, VaultError};

/// A vault with enough in it to be confused.
fn full() -> (Home, Vault) {
    let (home, vault) = Home::with_vault();
    for (name, instance) in [
        ("shared", exa().in_organization("acme").default().label("Shared").account("it@acme.example")),
        ("second", exa().in_organization("acme")),
        ("dead", exa().in_project("acme", "research")),
        ("own", exa().in_project("acme", "research").default()),
        ("ops", exa().in_project("acme", "ops")),
        ("adas", exa().of_user("acme", "ada")),
        ("foreign", exa().in_organization("globex")),
        ("slack", Instance::new("slack").in_organization("acme")),
    ] {
        store(&vault, name, instance);
    }
    vault.revoke(&id("dead")).unwrap();
    vault.assign(&to("reveal"), "exa", &id("second")).unwrap();
    (home, vault)
}

fn to(action: &str) -> Assignment {
    Assignment::in_project("acme", "research").tool("researcher", action)
}

/// Attacks on `exa` of `acme`, as SQL.
const ATTACKS: &[(&str, &str)] = &[
    (
        "swap two ciphertexts of a group",
        "UPDATE instances SET sealed = (SELECT sealed FROM instances AS other WHERE other.id = CASE instances.id WHEN 'own' THEN 'second' ELSE 'own' END) WHERE id IN ('own', 'second')",
    ),
    (
        "copy another project's ciphertext",
        "UPDATE instances SET sealed = (SELECT sealed FROM instances WHERE id = 'ops') WHERE id = 'own'",
    ),
    (
        "copy another organization's ciphertext",
        "UPDATE instances SET sealed = (SELECT sealed FROM instances WHERE id = 'foreign') WHERE id = 'own'",
    ),
    (
        "copy another key's ciphertext",
        "UPDATE instances SET sealed = (SELECT sealed FROM instances WHERE id = 'slack') WHERE id = 'own'",
    ),
    (
        "copy a user's ciphertext",
        "UPDATE instances SET sealed = (SELECT sealed FROM instances WHERE id = 'adas') WHERE id = 'own'",
    ),
    (
        "flip a bit of a ciphertext",
        "UPDATE instances SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE WHEN substr(sealed, -1) = x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE id = 'own'",
    ),
    ("empty a ciphertext", "UPDATE instances SET sealed = x'' WHERE id = 'own'"),
    (
        "lengthen a ciphertext",
        "UPDATE instances SET sealed = CAST(sealed || zeroblob(9000000) AS BLOB) WHERE id = 'own'",
    ),
    ("delete one row", "DELETE FROM instances WHERE id = 'own'"),
    ("delete the seal", "DELETE FROM seals WHERE key = 'exa' AND organization = 'acme'"),
    (
        "delete the rows and leave the seal",
        "DELETE FROM instances WHERE key = 'exa' AND organization = 'acme'; DELETE FROM assignments",
    ),
    (
        "delete all but the assignments",
        "DELETE FROM instances WHERE key = 'exa' AND organization = 'acme'; DELETE FROM seals WHERE key = 'exa' AND organization = 'acme'",
    ),
    ("move a row between organizations", "UPDATE instances SET organization = 'acme' WHERE id = 'foreign'"),
    ("move a row between keys", "UPDATE instances SET key = 'exa' WHERE id = 'slack'"),
    ("move a row between projects", "UPDATE instances SET owner = 'research' WHERE id = 'ops'"),
    (
        "make a user's row the organization's",
        "UPDATE instances SET scope = 'organization', owner = '' WHERE id = 'adas'",
    ),
    ("make a project's row a user's", "UPDATE instances SET scope = 'user' WHERE id = 'ops'"),
    ("un-revoke", "UPDATE instances SET status = 'active' WHERE id = 'dead'"),
    ("revoke", "UPDATE instances SET status = 'revoked' WHERE id = 'own'"),
    (
        "move the default mark",
        "UPDATE instances SET is_default = 0 WHERE id = 'shared'; UPDATE instances SET is_default = 1 WHERE id = 'second'",
    ),
    ("remove the default mark", "UPDATE instances SET is_default = 0 WHERE id = 'own'"),
    ("a default mark that is neither", "UPDATE instances SET is_default = 2 WHERE id = 'own'"),
    ("relabel", "UPDATE instances SET label = 'Own' WHERE id = 'own'"),
    ("remove a label", "UPDATE instances SET label = NULL WHERE id = 'shared'"),
    ("change the account", "UPDATE instances SET account = 'eve@acme.example' WHERE id = 'shared'"),
    ("grant a scope", "UPDATE instances SET granted = 'admin' WHERE id = 'own'"),
    ("a scope that is empty", "UPDATE instances SET granted = char(10) WHERE id = 'own'"),
    ("put off an expiry", "UPDATE instances SET expires_at = 1 WHERE id = 'own'"),
    ("an expiry out of time", "UPDATE instances SET expires_at = -9223372036854775808 WHERE id = 'own'"),
    ("another version", "UPDATE instances SET version = version + 1 WHERE id = 'own'"),
    ("a version below zero", "UPDATE instances SET version = -1 WHERE id = 'own'"),
    ("another kind", "UPDATE instances SET kind = 'oauth_managed' WHERE id = 'own'"),
    ("a kind that is none", "UPDATE instances SET kind = 'root' WHERE id = 'own'"),
    ("a status that is none", "UPDATE instances SET status = 'fine' WHERE id = 'own'"),
    ("a scope that is none", "UPDATE instances SET scope = 'all' WHERE id = 'own'"),
    ("another id", "UPDATE instances SET id = 'owned' WHERE id = 'own'"),
    (
        "swap two ids",
        "UPDATE instances SET id = 'x' WHERE id = 'own'; UPDATE instances SET id = 'own' WHERE id = 'second'; UPDATE instances SET id = 'second' WHERE id = 'x'",
    ),
    ("another time", "UPDATE instances SET updated_at = updated_at + 1 WHERE id = 'own'"),
    ("other field names", "UPDATE instances SET fields = 'other' WHERE id = 'own'"),
    ("allow short values", "UPDATE instances SET short_fields = 'api_key' WHERE id = 'own'"),
    (
        "forge a row",
        "INSERT INTO instances SELECT organization, key, 'forged', 'project', 'lab', kind, label, 0, status, version, account, granted, expires_at, created_at, updated_at, fields, short_fields, sealed FROM instances WHERE id = 'own'",
    ),
    ("text that is not UTF-8", "UPDATE instances SET label = CAST(x'ff' AS TEXT) WHERE id = 'own'"),
    ("re-point an assignment", "UPDATE assignments SET instance = 'shared'"),
    ("delete an assignment", "DELETE FROM assignments"),
    (
        "forge an assignment",
        "INSERT INTO assignments SELECT organization, key, project, 'direct', '', action, 'ops' FROM assignments",
    ),
    ("move an assignment to another action", "UPDATE assignments SET action = 'other'"),
    ("move an assignment to another project", "UPDATE assignments SET project = 'ops'"),
    ("a consumer that is none", "UPDATE assignments SET consumer_kind = 'boss'"),
    ("a direct consumer with a name", "UPDATE assignments SET consumer_kind = 'direct'"),
    (
        "the seal of another group",
        "UPDATE seals SET mac = (SELECT mac FROM seals WHERE organization = 'globex') WHERE organization = 'acme' AND key = 'exa'",
    ),
    ("a seal that is empty", "UPDATE seals SET mac = x'' WHERE organization = 'acme' AND key = 'exa'"),
];

#[track_caller]
fn named(text: &str, attack: &str) {
    for part in
        ["the `exa` credentials of organization `acme` were altered outside keystroke", "restore a backup"]
    {
        assert!(text.contains(part), "{attack}: `{text}` does not say `{part}`");
    }
    assert!(!text.contains("-secret"), "{attack}: {text}");
}

#[tokio::test]
async fn every_attack_is_named() {
    for (attack, sql) in ATTACKS {
        let (home, vault) = full();
        // A process in the middle of its work: candidates and value are in its memory.
        let warm = Runtime::new(vault.clone());
        let run = || warm.organization("acme").project("research");
        assert_eq!(used(&run()).await.unwrap(), "own-secret");
        assert_eq!(used(&run().consumer(Consumer::agent("researcher"))).await.unwrap(), "second-secret");

        home.sql("vault.db", sql);

        for handle in [vault.clone(), home.open()] {
            for project in ["research", "ops", "elsewhere"] {
                named(&lent(&handle, project).await.unwrap_err(), attack);
            }
            for error in [
                handle.list(&Filter::default()).map(drop).unwrap_err(),
                handle.assignments(&Filter::default()).map(drop).unwrap_err(),
                handle.verify().map(drop).unwrap_err(),
                handle
                    .update(&id("shared"), Change { default: Some(true), label: None })
                    .map(drop)
                    .unwrap_or_else_error(),
                handle.assign(&to("other"), "exa", &id("shared")).unwrap_or_else_error(),
            ] {
                named(&error.to_string(), attack);
            }
            // Other organizations are as sound as before, unless the attack took their rows too.
            if !sql.contains("'foreign'") {
                let other = Runtime::new(handle.clone()).organization("globex").project("p");
                assert_eq!(used(&other).await.unwrap(), "foreign-secret", "{attack}");
            }
        }
        named(&used(&run()).await.unwrap_err(), attack);
        named(&used(&run().consumer(Consumer::agent("researcher"))).await.unwrap_err(), attack);
    }
}

/// An update whose row an attack deleted finds no instance: that too is an error, and this makes it the one
/// of the group, which the next read names.
trait OrError {
    fn unwrap_or_else_error(self) -> VaultError;
}

impl<T: std::fmt::Debug> OrError for Result<T, VaultError> {
    fn unwrap_or_else_error(self) -> VaultError {
        match self.unwrap_err() {
            VaultError::NoSuchInstance { .. } => VaultError::Altered {
                organization: "acme".to_owned(),
                key: "exa".to_owned(),
                what: "the row is gone".to_owned(),
            },
            error => error,
        }
    }
}

/// Reads the rows of an instance, to put them back later.
fn row(home: &Home, name: &str) -> Vec<rusqlite::types::Value> {
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let columns = |row: &rusqlite::Row<'_>| (0..18).map(|at| row.get(at)).collect();
    connection.query_row("SELECT * FROM instances WHERE id = ?1", [name], columns).unwrap()
}

fn put_back(home: &Home, row: Vec<rusqlite::types::Value>) {
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let marks = vec!["?"; row.len()].join(", ");
    connection
        .execute(
            &format!("INSERT OR REPLACE INTO instances VALUES ({marks})"),
            rusqlite::params_from_iter(row),
        )
        .unwrap();
}

#[tokio::test]
async fn an_old_row_does_not_come_back() {
    let (home, vault) = full();
    let old = row(&home, "own");
    let mut fields = Fields::new();
    fields.set("api_key", "the-second-one");
    vault.rotate(&id("own"), fields).unwrap();
    assert_eq!(lent(&vault, "research").await.unwrap(), "the-second-one");
    put_back(&home, old);
    named(&lent(&vault, "research").await.unwrap_err(), "rotated");

    let (home, vault) = full();
    let old = row(&home, "own");
    vault.delete(&id("own")).unwrap();
    put_back(&home, old);
    named(&lent(&vault, "research").await.unwrap_err(), "deleted");
}

/// The limit that the documentation of `Vault` names: all of one organization and key together.
#[tokio::test]
async fn destroying_a_whole_group_leaves_nothing_to_use() {
    let (home, vault) = full();
    home.sql(
        "vault.db",
        "DELETE FROM instances WHERE organization = 'acme' AND key = 'exa'; DELETE FROM seals WHERE organization = 'acme' AND key = 'exa'; DELETE FROM assignments",
    );
    assert!(lent(&vault, "research").await.unwrap_err().contains("missing"));
}

#[tokio::test]
async fn an_altered_group_can_be_given_up() {
    for (attack, sql) in ATTACKS {
        let (home, vault) = full();
        home.sql("vault.db", sql);
        vault.discard("acme", "exa").unwrap();
        for key in ["slack", "exa"] {
            // An attack may have taken a row of another group along.
            for organization in ["acme", "globex"] {
                let filter =
                    Filter { organization: Some(organization.to_owned()), key: Some(key.to_owned()) };
                if vault.list(&filter).is_err() {
                    vault.discard(organization, key).unwrap();
                }
            }
        }
        vault.verify().unwrap();
        assert!(lent(&vault, "research").await.unwrap_err().contains("missing"), "{attack}");
        store(&vault, "anew", exa().in_organization("acme"));
        assert_eq!(lent(&vault, "research").await.unwrap(), "anew-secret");
        assert_eq!(vault.discard("nobody", "exa").unwrap(), 0);
    }
}

#[tokio::test]
async fn a_selection_of_another_key_is_checked_under_its_own_seal() {
    let (home, vault) = full();
    home.sql("vault.db", "UPDATE instances SET label = 'x' WHERE id = 'slack'");
    let run = Runtime::new(vault).organization("acme").project("research").select("exa", "slack");
    let refused = used(&run).await.unwrap_err();
    assert!(refused.contains("the `slack` credentials of organization `acme` were altered"), "{refused}");
}

#[tokio::test]
async fn a_planted_trigger_does_not_run_and_its_work_is_not_sealed() {
    for trigger in [
        "CREATE TRIGGER planted AFTER UPDATE ON instances BEGIN UPDATE instances SET status = 'active' WHERE id = 'dead'; END",
        "CREATE TRIGGER planted AFTER INSERT ON seals BEGIN UPDATE instances SET status = 'active' WHERE id = 'dead'; END",
        "CREATE TRIGGER planted BEFORE UPDATE ON meta BEGIN UPDATE assignments SET instance = 'ops'; END",
    ] {
        let (home, vault) = full();
        // So that its connections are older than the trigger.
        vault.get(&id("dead")).unwrap();
        home.sql("vault.db", trigger);
        vault.update(&id("second"), Change { label: Some(Some("Second".into())), default: None }).unwrap();
        assert_eq!(vault.get(&id("dead")).unwrap().candidate.status, keystroke_core::Status::Revoked);
        vault.verify().unwrap();
        // Whoever opens the vault now is told of the change.
        let error = Vault::open_with(home.options()).unwrap_err().to_string();
        assert!(error.contains("its tables were changed (`planted`)"), "{error}");
    }
}

#[test]
fn changed_tables_are_refused() {
    for change in [
        "DROP INDEX instances_default",
        "CREATE VIEW planted AS SELECT 1",
        "CREATE TABLE planted (a)",
        "ALTER TABLE instances ADD COLUMN planted TEXT",
        "ALTER TABLE seals RENAME TO planted",
        "DROP TABLE assignments",
        "DELETE FROM keys",
        "UPDATE meta SET vault = zeroblob(16)",
        "UPDATE keys SET mac = zeroblob(32)",
        "UPDATE keys SET key_id = 'other'",
        "DELETE FROM meta",
    ] {
        let (home, vault) = full();
        drop(vault);
        home.sql("vault.db", change);
        let error = Vault::open_with(home.options()).unwrap_err();
        assert!(!error.fix().is_empty());
        assert!(
            matches!(
                error,
                VaultError::Damaged { .. } | VaultError::WrongKey { .. } | VaultError::UnknownKey { .. }
            ),
            "{change}: {error}"
        );
    }
}

/// Those of [`full`].
const IDS: [&str; 8] = ["shared", "second", "dead", "own", "ops", "adas", "foreign", "slack"];

/// What a vault tells by every way to read it; `None` where it says that something is wrong.
#[derive(PartialEq, Debug)]
struct Told {
    records: Option<String>,
    /// Each by its id.
    each: Option<String>,
    assignments: Option<String>,
    audit: Option<Vec<AuditEntry>>,
    lent: Option<String>,
}

async fn told(vault: &Vault) -> Told {
    Told {
        records: vault.list(&Filter::default()).ok().map(|records| format!("{records:?}")),
        each: IDS
            .iter()
            .map(|name| vault.get(&id(name)).ok())
            .collect::<Option<Vec<_>>>()
            .map(|each| format!("{each:?}")),
        assignments: vault.assignments(&Filter::default()).ok().map(|bound| format!("{bound:?}")),
        audit: vault.audit(&AuditFilter::default()).ok(),
        lent: lent(vault, "research").await.ok(),
    }
}

/// Whatever it still tells is what it told before.
#[track_caller]
fn is_part_of(told: &Told, before: &Told, place: &str) {
    let texts =
        |told: &Told| [told.records.clone(), told.each.clone(), told.assignments.clone(), told.lent.clone()];
    for (now, before) in texts(told).into_iter().zip(texts(before)) {
        assert!(now.is_none() || now == before, "{place}: {now:?} was {before:?}");
    }
    let Some(entries) = told.audit.clone() else { return };
    for (mut now, before) in entries.into_iter().zip(before.audit.clone().unwrap()) {
        // Where the vault can't be read it is not known, and not told.
        now.committed = now.committed.or(before.committed);
        assert_eq!(now, before, "{place}");
    }
}

/// Not SQL but the file's own bytes: each one in turn, or, in the short form, each of a prime step, so that every kind of
/// place is met. What is read is what was there, or it is an error; and if anything is, `verify` is one.
/// `KEYSTROKE_FULL=1` is the long form (docs/testing.md).
#[test]
fn a_flipped_byte_of_a_file_is_harmless_or_named() {
    let step = if crate::common::process::full() { 1 } else { 211 };
    let (home, vault) = full();
    drop(vault);
    let read = |file: &str| std::fs::read(home.path().join(file)).unwrap();
    let files = ["vault.db", "audit.db"].map(|file| (file, read(file)));
    let ring = read("config/vault.keys");
    // Each time in a new folder: what was opened before may still write to its own.
    let copy = |changed: Option<(&str, &[u8])>| {
        let copy = Home::new();
        std::fs::create_dir(copy.path().join("config")).unwrap();
        let key = copy.path().join("config/vault.keys");
        std::fs::write(&key, &ring).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        for (file, bytes) in &files {
            let bytes = changed.filter(|(changed, _)| changed == file).map_or(&**bytes, |(_, bytes)| bytes);
            std::fs::write(copy.path().join(file), bytes).unwrap();
        }
        copy
    };
    let before = crate::common::process::block_on(told(&copy(None).open()));
    assert!(before.lent.is_some() && before.audit.is_some());
    let of = |(file, bytes): &(&str, Vec<u8>)| {
        let mut named = 0;
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x55;
            let copy = copy(Some((file, &changed)));
            let place = format!("{file} at {at}");
            let Ok(vault) = Vault::open_with(copy.options()) else {
                named += 1;
                continue;
            };
            let sound = vault.verify().is_ok();
            let told = crate::common::process::block_on(told(&vault));
            is_part_of(&told, &before, &place);
            for name in IDS {
                let error = vault.get(&id(name)).err();
                assert!(
                    !matches!(error, Some(VaultError::NoSuchInstance { .. })),
                    "{place}: `{name}` is there"
                );
            }
            if sound {
                assert!(told == before, "{place}: `verify` finds nothing, and this is not all there");
            } else {
                named += 1;
            }
        }
        (bytes.len().div_ceil(step), named)
    };
    let counts: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let of = &of;
        let threads: Vec<_> = files.iter().map(|file| scope.spawn(move || of(file))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    crate::common::process::tell(&format!("flipped, and of these named: {counts:?}"));
    // Most of a small file is free space.
    assert!(counts.iter().all(|(flipped, named)| named * 20 > *flipped), "{counts:?}");
}
