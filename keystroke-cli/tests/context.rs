//! For whom a command works: flags, then `keystroke.toml` here or above, then defaults.

#[cfg(test)]
mod support;

use std::fs;

use serde_json::json;
use support::Home;

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
        let set = home.run(&[flags, &line].concat()).folder(&deep).stdin("slack-secret").json();
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
