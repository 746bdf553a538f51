//! On a terminal secrets are asked for and never shown. `script` of util-linux plays the terminal.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, too, may stop at the first surprise"
)]

#[cfg(test)]
mod support;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use support::Home;

const SCRIPT: &str = "/usr/bin/script";
const CANARY: &str = "canary-typed-0123456789";

/// Runs a command in a terminal and answers each question when it is shown: all that the terminal showed, and the
/// exit code.
fn in_terminal(home: &Home, line: &str, answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let mut child = Command::new(SCRIPT)
        .args(["-qec", &format!("{} {line}", support::PROGRAM), "/dev/null"])
        .env_clear()
        .env("HOME", home.path())
        .env("KEYSTROKE_HOME", home.vault())
        .env("TERM", "xterm")
        .env("PATH", "/usr/bin:/bin")
        .current_dir(home.work())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut from) = (Vec::new(), 0);
    for (question, answer) in answers {
        let mut byte = [0];
        while !String::from_utf8_lossy(&shown[from..]).contains(question) {
            assert_eq!(
                screen.read(&mut byte).unwrap(),
                1,
                "{line}: no `{question}` in {}",
                String::from_utf8_lossy(&shown)
            );
            shown.push(byte[0]);
        }
        from = shown.len();
        keys.write_all(format!("{answer}\r").as_bytes()).unwrap();
    }
    // Nobody answers a question that the test does not expect.
    drop(keys);
    screen.read_to_end(&mut shown).unwrap();
    (String::from_utf8_lossy(&shown).into_owned(), child.wait().unwrap().code())
}

#[test]
fn secrets_are_asked_for_and_not_shown() {
    if !Path::new(SCRIPT).exists() {
        return;
    }
    let home = Home::new();
    for (line, questions) in [
        ("credentials set exa", &["api_key:"][..]),
        ("connect slack --field token", &["token:"]),
        ("credentials set aws --set id=@stdin --set secret=@stdin", &["id:", "secret:"]),
    ] {
        let answers: Vec<_> = questions.iter().map(|question| (*question, CANARY)).collect();
        let (shown, code) = in_terminal(&home, line, &answers);
        assert_eq!(code, Some(0), "{line}: {shown}");
        assert!(shown.contains("stored `") && !shown.contains("canary"), "{line}: {shown}");
    }
    let exa =
        home.run(&["credentials", "list", "exa"]).json()["instances"][0]["id"].as_str().unwrap().to_owned();
    let (shown, code) = in_terminal(&home, &format!("credentials rotate {exa}"), &[("api_key:", CANARY)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("version 2") && !shown.contains("canary"), "{shown}");
    let (shown, code) = in_terminal(&home, "credentials set exa --add", &[("api_key:", "")]);
    assert!(code == Some(1) && shown.contains("`api_key` is empty"), "{shown}");
}

#[test]
fn with_a_manifest_exactly_its_fields_are_asked_for_and_plain_ones_are_shown() {
    if !Path::new(SCRIPT).exists() {
        return;
    }
    let home = Home::new();
    std::fs::write(home.work().join("app.json"), include_str!("assistant.json")).unwrap();
    std::fs::write(home.work().join("keystroke.toml"), "manifest = \"app.json\"\n").unwrap();
    let fields = |home: &Home| {
        let json = home.run(&["credentials", "list", "exa"]).json();
        json["instances"].as_array().unwrap().last().map(|one| one["fields"].to_string()).unwrap_or_default()
    };
    let port = "port (optional):";
    let (shown, code) = in_terminal(&home, "connect exa", &[("api_key:", CANARY), (port, "8443")]);
    assert_eq!(code, Some(0), "{shown}");
    for text in
        ["Create a key in the Exa dashboard.", "Shown under API keys. (what you type", "8443", "stored `exa`"]
    {
        assert!(shown.contains(text), "no `{text}` in {shown}");
    }
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(fields(&home), r#"["api_key","port"]"#);
    let id =
        home.run(&["credentials", "list", "exa"]).json()["instances"][0]["id"].as_str().unwrap().to_owned();
    // An optional field is left as it is by an empty answer, a required one can't be empty, and a value must fit.
    let rotate = format!("credentials rotate {id}");
    let (shown, code) = in_terminal(&home, &rotate, &[("api_key:", CANARY), (port, "")]);
    assert!(code == Some(0) && shown.contains("version 2"), "{shown}");
    assert_eq!(fields(&home), r#"["api_key","port"]"#);
    let (shown, code) = in_terminal(&home, &rotate, &[("api_key:", "")]);
    assert!(code == Some(1) && shown.contains("`api_key` is empty"), "{shown}");
    let (shown, code) = in_terminal(&home, &rotate, &[("api_key:", CANARY), (port, "much")]);
    assert!(code == Some(1) && shown.contains("the value of `port` is not a valid u16"), "{shown}");
    // `credentials set` asks the same.
    let (shown, code) = in_terminal(&home, "credentials set exa --add", &[("api_key:", CANARY), (port, "")]);
    assert!(code == Some(0) && !shown.contains("canary"), "{shown}");
}

#[test]
fn deleting_what_is_assigned_asks_first() {
    if !Path::new(SCRIPT).exists() {
        return;
    }
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "assign", &id, "--action", "search", "--tool", "researcher"]).ok();
    let delete = format!("credentials delete {id}");
    let (shown, code) = in_terminal(&home, &delete, &[("(y/N)", "")]);
    assert!(code == Some(1) && shown.contains("researcher"), "{shown}");
    home.run(&["credentials", "show", &id]).ok();
    let (shown, code) = in_terminal(&home, &delete, &[("(y/N)", "y")]);
    assert!(code == Some(0) && shown.contains("deleted"), "{shown}");
    assert_eq!(home.run(&["credentials", "show", &id]).refused(1).code, "no_such_instance");
}
