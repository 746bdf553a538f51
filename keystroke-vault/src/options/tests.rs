use std::collections::HashMap;

use super::*;

const RING: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn from(variables: &[(&str, &str)]) -> Result<VaultOptions> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    VaultOptions::from_variables(&|name| variables.get(name).map(OsString::from))
}

#[test]
fn home_is_one_folder_for_all() {
    let options = from(&[(HOME, "/vaults/a")]).unwrap();
    assert_eq!(options.data_folder(), Path::new("/vaults/a"));
    assert_eq!(options.vault_file(), Path::new("/vaults/a/vault.db"));
    assert_eq!(options.audit_file(), Path::new("/vaults/a/audit.db"));
    assert_eq!(options.key_source(), KeySource::File("/vaults/a/config/vault.keys".into()));
}

#[test]
fn without_home_the_key_is_apart_from_the_data() {
    let Ok(options) = from(&[]) else { return };
    assert!(options.data_folder().ends_with("keystroke"));
    let KeySource::File(ring) = options.key_source() else { panic!("a file") };
    assert!(ring.ends_with("keystroke/vault.keys") && !ring.starts_with(options.data_folder()));
}

#[test]
fn the_key_variables_win() {
    let options = from(&[(HOME, "/vaults/a"), (KEY_FILE, "/keys/ring")]).unwrap();
    assert_eq!(options.key_source(), KeySource::File("/keys/ring".into()));
    let options = from(&[(HOME, "/vaults/a"), (KEY, RING)]).unwrap();
    assert_eq!(options.key_source(), KeySource::Environment(KEY.to_owned()));
    let two = format!("{RING}, {}", RING.replace("k1", "k2"));
    from(&[(HOME, "/vaults/a"), (KEY, two.as_str())]).unwrap();
}

#[test]
fn variables_that_cannot_be_meant_are_refused() {
    for (variables, says) in [
        (&[(HOME, "")][..], "KEYSTROKE_HOME is set and empty"),
        (&[(HOME, "/a"), (KEY, "")], "KEYSTROKE_VAULT_KEY is set and empty"),
        (&[(HOME, "/a"), (KEY_FILE, "")], "KEYSTROKE_VAULT_KEY_FILE is set and empty"),
        (
            &[(HOME, "/a"), (KEY, RING), (KEY_FILE, "/k")],
            "both KEYSTROKE_VAULT_KEY and KEYSTROKE_VAULT_KEY_FILE",
        ),
        (&[(HOME, "/a"), (KEY, "k1:not-a-key")], "KEYSTROKE_VAULT_KEY, line 1, is not base64 of 32 bytes"),
    ] {
        let text = from(variables).unwrap_err().to_string();
        assert!(text.contains(says) && text.contains("To fix it, "), "{text}");
        assert!(!text.contains("not-a-key"), "{text}");
    }
}

#[test]
fn nothing_of_a_key_is_shown() {
    let options = VaultOptions::at("/a").key(RING).unwrap().program("tester");
    let text = format!("{options:?} {:?} {}", options.key_source(), options.key_source());
    assert!(!text.contains("AAEC") && text.contains("tester"), "{text}");
}

#[test]
fn the_audit_is_strict_where_the_environment_says_so() {
    let strict =
        |value| from(&[(HOME, "/vaults/a"), (STRICT_AUDIT, value)]).map(|options| options.strict_audit);
    assert!(!from(&[(HOME, "/vaults/a")]).unwrap().strict_audit);
    assert!(strict("1").unwrap() && !strict("0").unwrap());
    for value in ["", "true", "yes", "2"] {
        assert!(strict(value).unwrap_err().to_string().contains("KEYSTROKE_STRICT_AUDIT"), "{value}");
    }
}
