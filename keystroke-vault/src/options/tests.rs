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

/// A slip: the key itself, or another secret, where the name of a file or folder belongs.
#[test]
fn a_key_in_the_place_of_a_name_is_refused_and_not_shown() {
    let slashed = "k2m4q9d3x:q83vASNFZ4mrze//ASNFZ4mrze8BI0VniavN7wEjRWc=";
    let of_file = format!("# The key of a keystroke vault.\n{RING}\n");
    for secret in [
        RING,
        slashed,
        &of_file,
        &format!("{RING},{slashed}"),
        &format!("{KEY}={RING}"),
        RING.split_once(':').unwrap().1,
        "kst_7k2m4q9d3x5z_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ] {
        let pieces = |text: &str| {
            secret
                .split(['/', ':', ',', '\n', '_'])
                .any(|piece| piece.len() > 12 && !piece.starts_with('#') && text.contains(piece))
        };
        for (name, variables) in
            [(HOME, vec![(HOME, secret)]), (KEY_FILE, vec![(HOME, "/vaults/a"), (KEY_FILE, secret)])]
        {
            let error = from(&variables).unwrap_err();
            let text = format!("{error} {error:?} {}", error.fix());
            assert!(text.contains(&format!("{name} holds what looks like a key")), "{text}");
            assert!(text.contains("set it") || text.contains(&format!("set {name} to the name")), "{text}");
            assert!(!pieces(&text), "{secret}: {text}");
        }
        // In code nothing is refused before the vault is opened, made, copied or put back.
        let folder = tempfile::tempdir().unwrap();
        let (sound, _) = crate::Vault::init(VaultOptions::at(folder.path())).unwrap();
        let at = VaultOptions::at(secret);
        let by_file = VaultOptions::at(folder.path()).key_file(secret);
        assert!(!pieces(&format!("{at:?} {by_file:?} {}", by_file.key_source())), "{secret}");
        let errors = [
            crate::Vault::open_with(by_file.clone()).map(drop).unwrap_err(),
            crate::Vault::init(VaultOptions::at(folder.path().join("new")).key_file(secret))
                .map(drop)
                .unwrap_err(),
            crate::Vault::open_with(at.clone()).map(drop).unwrap_err(),
            crate::Vault::init(at).map(drop).unwrap_err(),
            sound.backup(secret).map(drop).unwrap_err(),
            crate::Vault::restore(VaultOptions::at(folder.path()), secret).map(drop).unwrap_err(),
        ];
        for error in errors {
            let text = format!(
                "{error} {error:?} {} {:?}",
                error.fix(),
                keystroke_core::StoreError::from(error.clone())
            );
            assert!(text.contains("looks like a key or a token"), "{text}");
            assert!(!pieces(&text), "{secret}: {text}");
        }
    }
}

/// Whatever an error holds, it does not show a key.
#[test]
fn an_error_shows_no_path_that_is_a_key() {
    let file = PathBuf::from(RING);
    let source = KeySource::File(file.clone());
    for error in [
        VaultError::MissingKey { vault: file.clone(), source: source.clone() },
        VaultError::UnknownKey { id: "k1".to_owned(), source: source.clone() },
        VaultError::NoVault { file: file.clone() },
        VaultError::NotAVault { file: file.join("vault.db"), what: "a folder".to_owned() },
        VaultError::io(&file, std::io::ErrorKind::NotFound.into()),
        VaultError::ReadOnly { folder: file.clone() },
        VaultError::ExposedFolder { folder: file, mode: 0o777, mend: "o-w" },
    ] {
        let text = format!("{error} {error:?} {}", error.fix());
        assert!(!text.contains("AAEC") && text.contains('…'), "{text}");
    }
    assert!(!format!("{source:?}").contains("AAEC"));
}

#[test]
fn what_a_program_starts_gets_no_key() {
    let mut child = std::process::Command::new("true");
    VaultOptions::hide_key_from(child.env("OTHER", "x").env(KEY, RING));
    let left: Vec<_> = child.get_envs().collect();
    assert!(left.contains(&(KEY.as_ref(), None)) && !format!("{left:?}").contains("AAEC"), "{left:?}");
}

/// The file, a line of it, and what deployments make of either.
#[test]
fn a_ring_is_read_the_same_wherever_it_stands() {
    let other = RING.replace("k1", "k2");
    let file = format!("# The key, of a vault.\n# Keep it.\n{RING}\n");
    for text in [
        RING.to_owned(),
        file.clone(),
        file.replace('\n', "\r\n"),
        format!("\"{RING}\"\n"),
        format!("'{file}'"),
        format!("\u{feff}{RING}"),
        format!("{RING},{other}"),
        format!("{RING} ,\n {other},"),
        format!("{file}\n# Another.\n{other}\n"),
    ] {
        let options =
            from(&[(HOME, "/vaults/a"), (KEY, &text)]).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(options.key_source(), KeySource::Environment(KEY.to_owned()));
    }
    for (text, says) in [
        (format!("{RING}\n{RING}"), "line 2, has the id of an earlier line"),
        (format!("\"{RING}"), "has a key id that is not"),
        ("# nothing else, not even a key\n".to_owned(), "holds no key"),
        (format!("{file}{}", &other[..20]), "line 4, is not base64 of 32 bytes"),
    ] {
        let error = from(&[(HOME, "/vaults/a"), (KEY, &text)]).unwrap_err();
        assert!(error.to_string().contains(says), "{text:?}: {error}");
        assert!(
            error.fix().contains("`export KEYSTROKE_VAULT_KEY=\"$(keystroke vault new-key)\"`"),
            "{error}"
        );
        assert!(!error.to_string().contains("AAEC"), "{error}");
    }
}

#[test]
fn a_new_key_is_one_entry_and_another_each_time() {
    let (one, two) = (crate::new_key().unwrap(), crate::new_key().unwrap());
    assert_ne!(one.expose_secret(), two.expose_secret());
    for key in [one, two] {
        assert!(!key.expose_secret().contains(char::is_whitespace));
        VaultOptions::at("/a").key(key.expose_secret()).unwrap();
    }
}
