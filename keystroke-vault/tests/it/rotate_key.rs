//! A new key under a vault that is in use.

use std::fs;
use std::path::PathBuf;

use crate::common::{Home, exa, fields, id, lent, store};
use keystroke_core::{Assignment, Instance};
use keystroke_vault::{AuditFilter, Change, Filter, KeySource, Vault, VaultError, VaultOptions};

fn ring(home: &Home) -> PathBuf {
    home.path().join("config/vault.keys")
}

/// The lines of the ring, the key that seals first.
fn lines(home: &Home) -> Vec<String> {
    let text = fs::read_to_string(ring(home)).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn key_ids(home: &Home) -> Vec<String> {
    lines(home).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

fn texts(home: &Home, file: &str, sql: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(home.path().join(file)).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn full() -> (Home, Vault) {
    let (home, vault) = Home::with_vault();
    for (name, instance) in [
        ("shared", exa().in_organization("acme").default().label("Shared")),
        ("own", exa().in_project("acme", "research")),
        ("adas", exa().of_user("acme", "ada")),
        ("slack", Instance::new("slack").in_organization("acme")),
        ("foreign", exa().in_organization("globex")),
    ] {
        store(&vault, name, instance);
    }
    vault.assign(&Assignment::in_project("acme", "p").direct("reveal"), "exa", &id("shared")).unwrap();
    (home, vault)
}

#[tokio::test]
async fn everything_is_sealed_anew_and_the_old_key_leaves() {
    let (home, vault) = full();
    let before = vault.list(&Filter::default()).unwrap();
    let old = key_ids(&home);

    let rotated = vault.rotate_key().unwrap();

    assert_eq!((rotated.resumed, rotated.resealed, &rotated.retired), (false, 5, &old));
    assert!(rotated.left.is_empty() && rotated.key_source == KeySource::File(ring(&home)));
    assert_eq!(key_ids(&home), [rotated.key_id.as_str()]);
    assert_eq!(texts(&home, "vault.db", "SELECT DISTINCT key_id FROM seals"), [rotated.key_id.as_str()]);
    let sealed =
        format!("SELECT DISTINCT CAST(substr(sealed, 4, {}) AS TEXT) FROM instances", rotated.key_id.len());
    assert_eq!(texts(&home, "vault.db", &sealed), [rotated.key_id.as_str()]);
    // Nothing that people see has changed, the time of the last change included.
    let after = vault.list(&Filter::default()).unwrap();
    for (before, after) in before.iter().zip(&after) {
        let same =
            keystroke_core::Candidate { revision: after.candidate.revision, ..(*before.candidate).clone() };
        assert_eq!((&same, before.updated_at), (&*after.candidate, after.updated_at));
    }
    drop(vault);
    let vault = home.open();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret");
    assert_eq!(lent(&vault, "p").await.unwrap(), "shared-secret");
    assert_eq!(vault.verify().unwrap().instances, 5);
    let events = vault.audit(&AuditFilter::default()).unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|entry| entry.event.ends_with("_key") || entry.event == "reseal")
        .map(|entry| (entry.event.as_str(), entry.field.as_deref().unwrap(), entry.committed))
        .collect();
    let new = rotated.key_id.as_str();
    let all = [("rotate_key", new), ("reseal", new), ("retire_key", old[0].as_str())];
    assert_eq!(told, all.map(|(event, key)| (event, key, Some(true))));
}

/// What a rotation takes out may be the only copy of what a backup, or a copy of the folder, opens with.
#[test]
fn a_key_that_was_taken_out_is_put_beside() {
    let (home, vault) = full();
    let (first, copy) = (lines(&home), Home::new());
    vault.backup(copy.path().join("data")).unwrap();
    let rotated = vault.rotate_key().unwrap();
    let second = lines(&home);
    let beside = home.path().join("config/vault.keys.retired");
    assert_eq!(rotated.kept, Some(KeySource::File(beside.clone())));
    vault.rotate_key().unwrap();
    let text = fs::read_to_string(&beside).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(kept, [first[0].as_str(), second[0].as_str()]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&beside).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // It opens nothing where it lies, and the copy with it is a vault.
    let options = VaultOptions::at(copy.path().join("data")).key_file(&beside);
    Vault::open_with(options).unwrap().verify().unwrap();
    let error =
        Vault::open_with(VaultOptions::at(copy.path().join("data")).key_file(ring(&home))).unwrap_err();
    assert!(matches!(error, VaultError::UnknownKey { .. }), "{error}");
    assert!(error.to_string().contains("vault.keys.retired"), "{error}");
}

/// Rows of the audit record from before are still checked, by what is kept of their keys.
#[test]
fn a_record_of_many_keys_is_checked_as_a_whole() {
    let (home, vault) = full();
    for round in 0..3 {
        vault.rotate_key().unwrap();
        store(&vault, &format!("after-{round}"), exa().in_project("acme", format!("p{round}")));
    }
    assert_eq!(texts(&home, "audit.db", "SELECT DISTINCT key_id FROM entries").len(), 4);
    assert_eq!(key_ids(&home).len(), 1);
    vault.verify().unwrap();
    drop(vault);
    for (attack, says) in [
        ("UPDATE entries SET program = 'other' WHERE seq = 2", "row 2 does not fit"),
        ("UPDATE entries SET program = 'other' WHERE seq = (SELECT max(seq) FROM entries)", "does not fit"),
        (
            "DELETE FROM retired WHERE key_id = (SELECT key_id FROM entries WHERE seq = 1)",
            "row 1 names the key",
        ),
        ("UPDATE retired SET sealed = zeroblob(80)", "unknown format"),
        (
            "UPDATE retired SET sealed = (SELECT sealed FROM retired AS o WHERE o.key_id <> retired.key_id LIMIT 1)",
            "an earlier key does not fit",
        ),
        (
            "UPDATE retired SET key_id = 'x' WHERE key_id = (SELECT key_id FROM entries WHERE seq = 1)",
            "an earlier key does not fit",
        ),
    ] {
        let whole = fs::read(home.path().join("audit.db")).unwrap();
        home.sql("audit.db", attack);
        let error = home.open().verify().unwrap_err();
        assert!(matches!(error, VaultError::AuditAltered { .. }), "{attack}: {error}");
        assert!(error.to_string().contains(says), "{attack}: {error}");
        fs::write(home.path().join("audit.db"), whole).unwrap();
    }
    home.open().verify().unwrap();
}

/// Killed, disconnected, out of space: whatever stands after any of its steps is a vault in use, and the next one ends it.
#[tokio::test]
async fn a_rotation_that_ended_half_way_is_gone_on_with() {
    // The steps of `rotate.rs`, made by hand as far as each goes.
    for steps in 1..=4 {
        let (home, vault) = full();
        let old = lines(&home);
        vault.rotate_key().unwrap();
        let new = lines(&home);
        drop(vault);
        let (home, vault) = full_with(&old[0]);
        drop(vault);
        // 1: the ring has the new key.
        fs::write(ring(&home), format!("{}\n{}\n", new[0], old[0])).unwrap();
        let vault = home.open();
        assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret", "{steps}");
        // 2: somebody seals with it; 3: some groups are sealed again, and one in part.
        if steps >= 2 {
            store(&vault, "more", exa().in_project("acme", "more"));
        }
        if steps >= 3 {
            vault.update(&id("slack"), Change { label: Some(Some("Chat".into())), default: None }).unwrap();
            vault.rotate(&id("own"), fields("own-secret-2")).unwrap();
        }
        if steps >= 4 {
            // 4: all is done, but for the ring.
            assert!(vault.rotate_key().unwrap().resumed);
            fs::write(ring(&home), format!("{}\n{}\n", new[0], old[0])).unwrap();
        }
        let rotated = vault.rotate_key().unwrap();
        assert!(rotated.resumed, "{steps}");
        assert_eq!(lines(&home), new, "{steps}");
        assert_eq!(rotated.retired.len(), usize::from(steps < 4), "{steps}");
        vault.verify().unwrap();
        assert!(lent(&vault, "research").await.unwrap().starts_with("own-secret"), "{steps}");
        // And then a new one begins.
        assert!(!vault.rotate_key().unwrap().resumed);
        assert_ne!(lines(&home), new);
    }
}

/// As [`full`], with this line as its ring.
fn full_with(line: &str) -> (Home, Vault) {
    let home = Home::new();
    fs::create_dir(home.path().join("config")).unwrap();
    fs::write(ring(&home), format!("{line}\n")).unwrap();
    private(&ring(&home));
    let (vault, created) = Vault::init(home.options()).unwrap();
    assert!(!created.new_key);
    for (name, instance) in [
        ("own", exa().in_project("acme", "research")),
        ("slack", Instance::new("slack").in_organization("acme")),
    ] {
        store(&vault, name, instance);
    }
    (home, vault)
}

fn private(file: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let _ = file;
}

/// A process that opened the vault before goes on, reading and writing, by the ring that it reads again.
#[tokio::test]
async fn other_handles_go_on_and_seal_with_the_new_key() {
    let (home, vault) = full();
    let other = home.open();
    assert_eq!(lent(&other, "research").await.unwrap(), "own-secret");
    let new = vault.rotate_key().unwrap().key_id;
    assert_eq!(lent(&other, "research").await.unwrap(), "own-secret");
    other.rotate(&id("own"), fields("own-secret-2")).unwrap();
    assert_eq!(lent(&vault, "research").await.unwrap(), "own-secret-2");
    assert_eq!(texts(&home, "vault.db", "SELECT DISTINCT key_id FROM seals"), [new.as_str()]);
    // One that has read nothing at all yet, and writes first.
    let (home, vault) = full();
    let other = home.open();
    let new = vault.rotate_key().unwrap().key_id;
    store(&other, "more", exa().in_project("acme", "more"));
    assert_eq!(texts(&home, "vault.db", "SELECT DISTINCT key_id FROM seals"), [new]);
    vault.verify().unwrap();
    other.verify().unwrap();
}

#[test]
fn a_ring_from_the_environment_is_rotated_by_who_sets_it() {
    let home = Home::new();
    let [one, two] = [
        "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
    ];
    let options = |ring: &str| VaultOptions::at(home.path()).key(ring).unwrap();
    let (vault, _) = Vault::init(options(one)).unwrap();
    store(&vault, "a", exa().in_organization("acme"));
    let error = vault.rotate_key().unwrap_err().to_string();
    assert!(error.contains("cannot be changed from here") && error.contains("before the others"), "{error}");
    vault.verify().unwrap();
    drop(vault);
    let vault = Vault::open_with(options(&format!("{two},{one}"))).unwrap();
    let rotated = vault.rotate_key().unwrap();
    assert_eq!((rotated.key_id.as_str(), rotated.resealed, rotated.resumed), ("k2", 1, true));
    // It is for who set it to take the old one out.
    assert_eq!((rotated.retired, rotated.left), (vec!["k1".to_owned()], vec!["k1".to_owned()]));
    drop(vault);
    Vault::open_with(options(two)).unwrap().verify().unwrap();
    let error = Vault::open_with(options(one)).unwrap_err();
    assert!(matches!(error, VaultError::UnknownKey { ref id, .. } if id == "k2"), "{error}");
}

/// Another vault may need the key still.
#[test]
fn a_ring_that_others_may_use_keeps_its_keys() {
    let (one, two, keys) = (Home::new(), Home::new(), Home::new());
    let file = keys.path().join("shared.keys");
    let open = |home: &Home| Vault::open_or_init(home.options().key_file(&file)).unwrap().0;
    let (first, second) = (open(&one), open(&two));
    store(&first, "a", exa().in_organization("acme"));
    store(&second, "b", exa().in_organization("acme"));
    let old = first.options().key_source();
    let rotated = first.rotate_key().unwrap();
    assert_eq!((rotated.left.len(), rotated.retired.len()), (1, 1));
    assert_eq!(old, rotated.key_source);
    drop((first, second));
    open(&one).verify().unwrap();
    open(&two).verify().unwrap();
    // The other one goes over to the key that is there.
    let again = open(&two).rotate_key().unwrap();
    assert_eq!((again.key_id, again.resumed), (rotated.key_id, true));
    open(&two).verify().unwrap();
}

#[test]
fn an_altered_group_stops_it_and_loses_nothing() {
    let (home, vault) = full();
    home.sql("vault.db", "UPDATE instances SET label = 'Mine' WHERE id = 'shared'");
    let error = vault.rotate_key().unwrap_err();
    assert!(matches!(error, VaultError::Altered { .. }), "{error}");
    assert_eq!(key_ids(&home).len(), 2, "both are needed");
    home.sql("vault.db", "UPDATE instances SET label = 'Shared' WHERE id = 'shared'");
    let rotated = vault.rotate_key().unwrap();
    assert!(rotated.resumed && rotated.retired.len() == 1);
    vault.verify().unwrap();
}

#[cfg(unix)]
#[test]
fn the_ring_keeps_its_place_its_mode_and_its_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, vault) = full();
    let elsewhere = home.path().join("elsewhere.keys");
    fs::rename(ring(&home), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, ring(&home)).unwrap();
    // What a killed process left is no hindrance, and does not stay.
    fs::write(home.path().join("elsewhere.keys.changing"), "left").unwrap();
    vault.rotate_key().unwrap();
    assert!(fs::symlink_metadata(ring(&home)).unwrap().is_symlink());
    assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o600);
    // It is locked where it lies: whoever comes by another link waits for the same lock.
    assert!(
        home.path().join("elsewhere.keys.lock").exists()
            && !home.path().join("config/vault.keys.lock").exists()
    );
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o400)).unwrap();
    vault.rotate_key().unwrap();
    assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o400);
    let left = fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(left.filter(|name| name.to_string_lossy().contains("changing")).count(), 0);
}

/// More groups than a transaction takes, and one with more secrets than that.
#[test]
fn large_vaults_are_sealed_anew_some_at_a_time() {
    let (_home, vault) = Home::with_vault();
    let many = |key: String, count: usize| {
        (0..count).map(move |at| {
            Instance::new(&*key).in_project("acme", format!("p{at}")).field("f", "long-enough")
        })
    };
    vault.add(many("a".to_owned(), 2_100), keystroke_vault::Add::OnlyFirst).unwrap();
    vault.add((0..600).flat_map(|key| many(format!("k{key}"), 1)), keystroke_vault::Add::OnlyFirst).unwrap();
    let rotated = vault.rotate_key().unwrap();
    assert_eq!((rotated.resealed, rotated.retired.len()), (2_700, 1));
    let batches = vault.audit(&AuditFilter::default()).unwrap();
    assert_eq!(batches.iter().filter(|entry| entry.event == "reseal").count(), 4);
    vault.verify().unwrap();
}

/// What a link leads to may be the ring of other vaults too.
#[cfg(unix)]
#[test]
fn a_ring_behind_a_link_keeps_its_keys() {
    for linked in ["config/vault.keys", "config"] {
        let (one, vault) = full();
        let two = Home::new();
        if linked == "config/vault.keys" {
            fs::create_dir(two.path().join("config")).unwrap();
        }
        std::os::unix::fs::symlink(one.path().join(linked), two.path().join(linked)).unwrap();
        let (second, created) = Vault::init(two.options()).unwrap();
        assert!(!created.new_key);
        store(&second, "b", exa().in_organization("acme"));
        let rotated = second.rotate_key().unwrap();
        assert_eq!((rotated.left.len(), rotated.retired.len()), (1, 1), "{linked}");
        drop(vault);
        one.open().verify().unwrap();
    }
}

/// Who puts an old line back, for a backup, may put it first.
#[test]
fn an_earlier_key_never_takes_over_again() {
    let (home, vault) = full();
    let old = lines(&home);
    vault.rotate_key().unwrap();
    let new = lines(&home);
    fs::write(ring(&home), format!("{}\n{}\n", old[0], new[0])).unwrap();
    let vault = home.open();
    store(&vault, "more", exa().in_project("acme", "more"));
    let rotated = vault.rotate_key().unwrap();
    assert_eq!((rotated.resumed, rotated.retired.len()), (false, 2));
    let last = lines(&home);
    assert!(last.len() == 1 && !last.contains(&old[0]) && !last.contains(&new[0]));
    vault.verify().unwrap();
}

/// What no reading accepts is never written.
#[test]
fn a_ring_that_is_full_stays_as_it_is() {
    let (home, vault) = full();
    let file = home.path().join("shared.keys");
    let line = lines(&home).remove(0);
    let key = line.split_once(':').unwrap().1;
    let more: String = (0..2_000).map(|at| format!("old-{at:04}:{key}\n")).collect();
    let mut text = format!("{line}\n{more}")[..65_500].to_owned();
    text.truncate(text.rfind('\n').unwrap() + 1);
    fs::write(&file, &text).unwrap();
    private(&file);
    drop(vault);
    let vault = Vault::open_with(home.options().key_file(&file)).unwrap();
    let error = vault.rotate_key().unwrap_err();
    assert!(error.to_string().contains("take out of it"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    Vault::open_with(home.options().key_file(&file)).unwrap().verify().unwrap();
}
