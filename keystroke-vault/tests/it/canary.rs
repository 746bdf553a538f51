//! A planted secret appears nowhere: not in any byte of any file, nor in what any type shows of itself.

use std::fmt::Write as _;

use crate::common::{Home, exa, id, store, used};
use keystroke_core::{Fields, Owner, Runtime};
use keystroke_vault::{Add, AuditFilter, Change, Filter, NewFields, NewInstance, Vault};

const CANARY: &str = "kanary-4f2a9c-secret";
const SECOND: &str = "kanary-8d11e7-secret";

fn look(home: &Home, when: &str) {
    for (path, content) in home.files() {
        let hex: String = CANARY.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        for needle in [CANARY, SECOND, "kanary", &hex] {
            let found =
                content.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()));
            assert!(!found, "{when}: {}", path.display());
        }
    }
}

#[tokio::test]
async fn a_secret_is_in_no_file_and_no_text() {
    let (home, vault) = Home::with_vault();
    let ring = std::fs::read_to_string(home.path().join("config/vault.keys")).unwrap();
    let key = ring.lines().last().unwrap().split_once(':').unwrap().1.to_owned();
    let new = NewInstance::new(exa().in_organization("acme").id("planted").field("api_key", CANARY));
    let mut shown = format!("{new:?} {vault:?} {:?} {:?}", home.options(), vault.options());
    let records = vault.add(vec![new], Add::OnlyFirst).unwrap();
    write!(shown, "{records:?}").unwrap();
    look(&home, "stored");
    let run = Runtime::new(vault.clone()).organization("acme").project("p");
    assert_eq!(used(&run).await.unwrap(), CANARY);
    vault.flush().unwrap();
    look(&home, "used");
    let mut fields = Fields::new();
    fields.set("api_key", SECOND);
    let fields = NewFields::new(fields);
    write!(shown, "{fields:?}").unwrap();
    vault.rotate(&id("planted"), fields).unwrap();
    assert_eq!(used(&run).await.unwrap(), SECOND);
    look(&home, "rotated");
    vault.move_to(&id("planted"), Owner::Project("p".to_owned()), Add::OnlyFirst).unwrap();
    assert_eq!(used(&run).await.unwrap(), SECOND);
    look(&home, "moved");
    vault.move_to(&id("planted"), Owner::Organization, Add::OnlyFirst).unwrap();
    write!(shown, "{:?}", vault.metadata(&Filter::default()).unwrap()).unwrap();
    vault.update(&id("planted"), Change { label: Some(Some("L".into())), default: Some(true) }).unwrap();
    write!(shown, "{:?}", vault.list(&Filter::default()).unwrap()).unwrap();
    write!(shown, "{:?}", vault.audit(&AuditFilter::default()).unwrap()).unwrap();
    let mut short = Fields::new();
    short.set("api_key", "kanary");
    let error = vault.rotate(&id("planted"), short).unwrap_err();
    write!(shown, "{error} {error:?}").unwrap();
    let again = NewInstance::new(exa().in_organization("acme").field("api_key", CANARY));
    let error = vault.add(vec![again], Add::OnlyFirst).unwrap_err();
    write!(shown, "{error} {error:?}").unwrap();
    vault.revoke(&id("planted")).unwrap();
    vault.delete(&id("planted")).unwrap();
    look(&home, "deleted");
    drop((vault, run));
    look(&home, "closed");
    for needle in ["kanary", key.as_str()] {
        assert!(!shown.contains(needle), "{shown}");
    }
}

/// `secure_delete` and the cleared log: not even the sealed form of an old secret is left.
#[test]
fn what_was_rotated_or_deleted_is_gone_from_the_file() {
    let (home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let sealed = || -> Vec<u8> {
        let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
        connection.query_row("SELECT sealed FROM instances", [], |row| row.get(0)).unwrap()
    };
    let there = |sealed: &[u8]| {
        home.files().values().any(|content| content.windows(sealed.len()).any(|window| window == sealed))
    };
    let first = sealed();
    assert!(there(&first));
    let mut fields = Fields::new();
    fields.set("api_key", "the-second-one");
    vault.rotate(&id("shared"), fields).unwrap();
    assert!(!there(&first));
    let second = sealed();
    vault.delete(&id("shared")).unwrap();
    assert!(!there(&second));
}

#[test]
fn handles_are_small_and_shared() {
    fn sendable<T: Send + Sync + Clone + 'static>() {}
    sendable::<Vault>();
    assert_eq!(size_of::<Vault>(), size_of::<usize>());
}
