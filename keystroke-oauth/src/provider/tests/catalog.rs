//! A folder of the user's own: which file counts, and what a bad one does.

use std::fs;
use std::path::Path;

use crate::provider::{Origin, Providers};

use super::SHORT;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_file_adds_a_provider() {
    let folder = folder(&[("acme.toml", SHORT), ("README.md", "notes"), ("old.toml.bak", "?")]);
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("below").join("other.toml"), SHORT).unwrap();
    let providers = Providers::built_in().with_folder(folder.path()).unwrap();
    assert_eq!(providers.get("acme").unwrap().title(), "Example");
    assert_eq!(providers.names().count(), Providers::built_in().names().count() + 1);
    let origin = Origin::File { path: folder.path().join("acme.toml"), replaces_built_in: false };
    assert_eq!(providers.origin("acme"), Some(&origin));
}

#[test]
fn a_file_takes_the_place_of_a_built_in_one_as_a_whole_and_it_is_told() {
    let folder = folder(&[("slack.toml", SHORT)]);
    let providers = Providers::built_in().with_folder(folder.path()).unwrap();
    let slack = providers.get("slack").unwrap();
    // Nothing is left of the other: not even what the file does not say.
    assert_eq!((slack.title(), slack.scopes().separator, slack.revocation()), ("Example", ' ', None));
    assert!(matches!(providers.origin("slack"), Some(Origin::File { replaces_built_in: true, .. })));
}

#[test]
fn a_broken_file_breaks_its_own_name_and_falls_back_to_nothing() {
    let folder = folder(&[("slack.toml", "title = 3"), ("Not A Name.toml", SHORT), ("latin.toml", "")]);
    fs::write(folder.path().join("latin.toml"), b"title = \"\xe4\"").unwrap();
    fs::create_dir(folder.path().join("folder.toml")).unwrap();
    let providers = Providers::built_in().with_folder(folder.path()).unwrap();
    for (name, code, problem) in [
        ("slack", "provider_invalid", "slack.toml:1: `title` is an integer"),
        ("Not A Name", "provider_invalid", "is not the name of a provider"),
        ("latin", "provider_unreadable", "is not UTF-8"),
        ("folder", "provider_unreadable", "it is a directory"),
    ] {
        let error = providers.get(name).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.problem().contains(problem), "{error}");
        assert!(error.problem().contains(&folder.path().display().to_string()), "{error}");
    }
    // The others are as good as ever, and who lists them sees the broken ones.
    assert!(providers.get("google").is_ok());
    assert!(providers.names().any(|name| name == "latin"));
}

#[test]
fn a_folder_that_does_not_exist_has_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let providers = Providers::built_in().with_folder(&folder.path().join("none")).unwrap();
    assert_eq!(providers.names().count(), Providers::built_in().names().count());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(Providers::built_in().with_folder(&file).err().unwrap().code(), "provider_unreadable");
}

#[test]
fn files_are_bounded() {
    let folder = folder(&[("long.toml", &format!("{SHORT}# {}\n", "x".repeat(64 * 1024)))]);
    let providers = Providers::built_in().with_folder(folder.path()).unwrap();
    assert!(providers.get("long").unwrap_err().problem().contains("longer than 65536 bytes"));
    for index in 0..1000 {
        fs::write(folder.path().join(format!("p{index}.toml")), "").unwrap();
    }
    let error = Providers::built_in().with_folder(folder.path()).err().unwrap();
    assert!(error.problem().contains("more than 1000 files"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder(&[("acme.toml", SHORT)]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let error = Providers::built_in().with_folder(folder.path()).err().unwrap();
    assert_eq!(error.code(), "provider_unreadable");
    assert!(error.problem().contains("others"), "{error}");
    let (_, fix) =
        error.fix().split_once('`').map(|(before, fix)| (before.to_owned(), fix.to_owned())).unwrap();
    let command = fix.trim_end_matches('`').to_owned();
    assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success(), "{command}");
    assert!(Providers::built_in().with_folder(folder.path()).is_ok(), "the fix works");
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    for (name, fix) in [("gogle", "`google`"), ("git-lab", "`gitlab`"), ("qqq", "`keystroke providers list`")]
    {
        let error = Providers::built_in().get(name).unwrap_err();
        assert_eq!(error.code(), "provider_unknown");
        assert!(error.fix().contains(fix), "{error}");
    }
    let secret = "xoxb-123456789012-1234567890123-a1b2c3d4e5f6g7h8";
    assert!(!Providers::built_in().get(secret).unwrap_err().to_string().contains(secret));
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").is_dir());
}
