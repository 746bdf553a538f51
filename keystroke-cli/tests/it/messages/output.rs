//! How output is shown, and what becomes of it where nobody takes it.

use std::process::Stdio;

use crate::support::Home;
use serde_json::Value;

#[test]
fn a_row_of_a_list_is_one_line_and_obeys_no_label() {
    let home = Home::new();
    let label = "A rather long label\u{202e} with a mark that turns the reading order round ✓";
    let set = home.run(&[
        "credentials",
        "set",
        "a-key-of-some-length",
        "--set",
        "api_key=@stdin",
        "--scope",
        "project",
        "--project-slug",
        "research-and-development",
        "--label",
        label,
    ]);
    let id = set.stdin("exa-secret-7Qm2vX9d").json()["instances"][0]["id"].as_str().unwrap().to_owned();
    for step in ["morning-digest", "evening-digest"] {
        home.run(&[
            "credentials",
            "assign",
            &id,
            "--action",
            "search_the_web",
            "--step",
            step,
            "--project",
            "research-and-development",
        ])
        .ok();
    }
    for line in [&["credentials", "list"][..], &["credentials", "assignments"], &["audit"]] {
        let text = home.run(line).ok();
        assert!(text.contains(&id) && !text.contains('\u{202e}'), "{text}");
        // What reads a pipe looks for whole slugs.
        let rows = text.lines().filter(|line| line.contains("search_the_web"));
        assert!(rows.clone().count() > 0 && rows.clone().all(|row| row.contains(&id)), "{text}");
    }
    let show = home.run(&["credentials", "show", &id]).ok();
    assert!(show.contains(r"label\u{202e} with"), "{show}");
    let json = home.run(&["credentials", "show", &id, "--json"]).ok();
    assert!(!json.contains('\u{202e}'), "{json}");
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["instance"]["label"], label);
}

#[test]
fn an_empty_list_names_the_organizations_that_have_some() {
    let (home, _) = Home::with_exa();
    let text = home.run(&["--organization", "acme", "credentials", "list"]).ok();
    assert_eq!(
        text,
        "no credentials in the organization `acme`; there are some in `default`, which `--organization` names\n"
    );
}

#[test]
fn an_empty_list_of_a_key_names_only_what_the_key_and_the_flags_leave() {
    let (home, id) = Home::with_exa();
    let brave = ["credentials", "set", "brave", "--set", "api_key=@stdin", "--organization", "acme"];
    home.run(&brave).stdin("a-secret-7Qm2vX9d").ok();
    for (line, told) in [
        ("slack", "no credential has the key `slack`"),
        ("slack --organization acme", "no credential has the key `slack`"),
        ("slack --project research --status active", "no credential has the key `slack`"),
        ("exaa", "no credential has the key `exaa`; the nearest one is `exa`"),
        (
            "barve",
            "no credential has the key `barve`; the nearest one is `brave`, of `acme`, which `--organization` names",
        ),
        (
            "brave",
            "no credentials for `brave` in the organization `default`; there are some in `acme`, which `--organization` names",
        ),
        ("brave --status revoked", "no credentials for `brave` in the organization `default`"),
        ("brave --kind keystroke", "no credentials for `brave` in the organization `default`"),
        ("brave --scope user", "no credentials for `brave` in the organization `default`"),
        ("brave --project research", "no credentials for `brave` in the organization `default`"),
        (
            "exa --project research",
            "no credentials for `exa` in the organization `default` that these flags let through, of 1",
        ),
        ("--organization globex --scope user", "no credentials in the organization `globex`"),
        (
            "--organization globex --scope org",
            "no credentials in the organization `globex`; there are some in `acme`, `default`, which `--organization` names",
        ),
    ] {
        let line: Vec<&str> = ["credentials", "list"].into_iter().chain(line.split(' ')).collect();
        assert_eq!(home.run(&line).done().ok().out, format!("{told}\n"), "{line:?}");
    }
    home.run(&["credentials", "delete", &id, "--yes"]).ok();
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let (home, _) = Home::with_exa();
    for line in [&["credentials", "list"][..], &["--help"], &["--version"], &["audit", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut run = home.run(line);
        let output = run
            .command
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()),
            (Some(0), ""),
            "{line:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure() {
    let (home, _) = Home::with_exa();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut run = home.run(&["credentials", "list"]);
    let output = run
        .command
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("output cannot be written"));
}
