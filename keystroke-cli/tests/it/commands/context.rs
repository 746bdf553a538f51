//! For whom a command works: flags, then `keystroke.toml` here or above, then defaults.

use std::fs;

use crate::support::Home;
use serde_json::json;

#[test]
fn the_nearest_file_counts_and_flags_come_before_it() {
    let (home, _) = Home::with_exa();
    let deep = home.work().join("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    fs::write(
        home.work().join("keystroke.toml"),
        "organization = \"acme\"\nproject = \"research\"\nuser = \"ada\"\n",
    )
    .unwrap();
    let set = |flags: &[&str]| {
        let line = [
            "credentials",
            "set",
            "slack",
            "--add",
            "--set",
            "token=@stdin",
            "--scope",
            "project",
            "--scope",
            "user",
        ];
        let set = home.run(&[flags, &line].concat()).folder(&deep).stdin("slack-secret-7Qm2vX9d").json();
        set["instances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| json!([i["organization"], i["project"], i["user"]]))
            .collect::<Vec<_>>()
    };
    assert_eq!(set(&[]), [json!(["acme", "research", null]), json!(["acme", null, "ada"])]);
    assert_eq!(
        set(&["--project", "ops", "--user", "bob"]),
        [json!(["acme", "ops", null]), json!(["acme", null, "bob"])]
    );
    assert_eq!(
        set(&["--organization", "globex"]),
        [json!(["globex", "research", null]), json!(["globex", null, "ada"])]
    );

    fs::write(home.work().join("a/keystroke.toml"), "project = \"near\"\nuser = \"cy\"\n").unwrap();
    assert_eq!(set(&[]), [json!(["default", "near", null]), json!(["default", null, "cy"])]);
}

#[test]
fn a_broken_file_is_named_with_its_line_and_what_it_may_hold() {
    let (home, _) = Home::with_exa();
    let deep = home.work().join("deep");
    fs::create_dir(&deep).unwrap();
    let file = home.work().join("keystroke.toml");
    for (text, says) in [
        ("organization = \"acme\"\norganisation = \"acme\"\n", "line 2: unknown field `organisation`"),
        ("organization = \"acme\n", "line 1: "),
        ("\n\nproject = 3\n", "line 3: "),
        ("organization = \"acme\"\nuser = \"\"\n", "`user` is empty"),
    ] {
        fs::write(&file, text).unwrap();
        let refused = home.run(&["credentials", "list"]).folder(&deep).refused(1);
        assert_eq!(refused.code, "context");
        assert!(
            refused.message.contains(file.to_str().unwrap()) && refused.message.contains(says),
            "{refused:?}"
        );
        for name in ["`organization`", "`project`", "`user`"] {
            assert!(refused.fix.contains(name), "{refused:?}");
        }
    }
    // What asks for no context is not stopped by it.
    home.run(&["vault", "verify"]).folder(&deep).ok();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(home.run(&["explain", "exa"]).folder(&deep).refused(1).code, "context");
}

/// In a folder that belongs to everybody, anybody may put a `keystroke.toml`.
#[test]
#[cfg(unix)]
fn a_planted_file_neither_hangs_nor_decides() {
    let (home, _) = Home::with_exa();
    let file = home.work().join("keystroke.toml");
    let refused = |says: &str| {
        let refused = home.run(&["credentials", "list"]).refused(1);
        assert_eq!(refused.code, "context");
        assert!(refused.message.contains("keystroke.toml") && refused.message.contains(says), "{refused:?}");
        refused.fix
    };
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    assert!(refused("not a regular file").contains("regular file"));
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    refused("not a regular file");
    fs::remove_file(&file).unwrap();
    fs::write(&file, format!("# {}\norganization = \"acme\"\n", "x".repeat(70_000))).unwrap();
    assert!(refused("64 KiB").contains("64 KiB"));
    // Only root can give a file away.
    fs::write(&file, "organization = \"planted\"\n").unwrap();
    if std::os::unix::fs::chown(&file, Some(12_345), None).is_ok() {
        assert!(refused("user 12345").contains("put your own"));
        let sub = home.work().join("sub");
        fs::create_dir(&sub).unwrap();
        fs::write(sub.join("keystroke.toml"), "").unwrap();
        home.run(&["credentials", "list"]).folder(&sub).ok();
    }
}

#[test]
#[cfg(unix)]
fn a_value_comes_from_a_regular_file_of_a_bounded_size_only() {
    let home = Home::new();
    let file = home.work().join("key");
    let refused = |says: &str| {
        let refused = home.run(&["credentials", "set", "exa", "--set", "api_key=@file:key"]).refused(1);
        assert_eq!(refused.code, "value");
        assert!(refused.message.contains("`api_key`") && refused.message.contains(says), "{refused:?}");
        assert!(refused.fix.contains("64 KiB") && refused.fix.contains("@stdin"), "{refused:?}");
    };
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    refused("not a regular file");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    refused("not a regular file");
    fs::remove_file(&file).unwrap();
    fs::write(&file, "x".repeat(70_000)).unwrap();
    refused("more than 64 KiB");
    fs::write(&file, "x".repeat(64 * 1024) + "\n").unwrap();
    home.run(&["credentials", "set", "exa", "--set", "api_key=@file:key"]).ok();
}
