//! Secrets go in and don't come out: after every command a canary is looked for in what was printed and in every
//! byte on the disk, in plain, hex and base64.

#[cfg(test)]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use support::{Done, Home};

const CANARY: &str = "canary~9f?b>secret-0123456789";

/// The canary in all its forms. Of base64 at each alignment only the characters that its neighbours can't change.
fn forms() -> Vec<Vec<u8>> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![CANARY.to_owned(), hex.to_uppercase(), hex];
    for engine in [STANDARD, URL_SAFE] {
        for shift in 0..3 {
            let text = engine.encode(format!("{}{CANARY}", &"xxx"[..shift]));
            let whole = (shift + CANARY.len()) / 3 * 4;
            forms.push(text[if shift == 0 { 0 } else { 4 }..whole].to_owned());
        }
    }
    forms.into_iter().map(String::into_bytes).collect()
}

fn is_in(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// Looks everywhere but in the file that the canary came from.
fn leaks(home: &Home, done: &Done) -> Vec<String> {
    let printed = [("stdout", &done.out), ("stderr", &done.err)];
    let mut found: Vec<String> = printed
        .iter()
        .filter(|(_, text)| is_in(text.as_bytes()))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let files = home.files();
    assert!(files.len() > 2, "there is a vault to look at");
    found.extend(
        files
            .iter()
            .filter(|(path, bytes)| !path.ends_with("canary.key") && is_in(bytes))
            .map(|(path, _)| path.display().to_string()),
    );
    found
}

#[test]
fn the_search_finds_what_is_there() {
    let home = Home::with_exa().0;
    let done = home.run(&["credentials", "list"]).done();
    assert!(leaks(&home, &done).is_empty());
    for form in forms() {
        let planted = [b"some\0bytes".to_vec(), form.clone(), b"more".to_vec()].concat();
        std::fs::write(home.vault().join("planted"), planted).unwrap();
        assert_eq!(leaks(&home, &done).len(), 1, "{:?}", String::from_utf8(form));
        let printed =
            Done { out: format!("x {CANARY} y"), line: String::new(), code: None, err: String::new() };
        assert_eq!(leaks(&home, &printed).len(), 2);
    }
}

#[test]
fn no_command_prints_or_leaves_a_secret() {
    let home = Home::new();
    std::fs::write(home.work().join("canary.key"), format!("{CANARY}\n")).unwrap();
    let inline = format!("api_key={CANARY}");
    let run = |line: &[&str]| {
        let mut outputs = String::new();
        for json in [false, true] {
            let run = home.run(line).env("CANARY", CANARY).stdin(CANARY);
            let done = if json { run.arg("--json").done() } else { run.done() };
            assert_eq!(leaks(&home, &done), Vec::<String>::new(), "{line:?}");
            outputs.push_str(&done.out);
        }
        outputs
    };
    let add = ["credentials", "set", "exa", "--add", "--set"];
    for source in ["api_key=@env:CANARY", "api_key=@file:canary.key", "api_key=@stdin", &inline] {
        let stored = run(&[&add[..], &[source]].concat());
        assert!(stored.contains("stored `exa` as"), "{stored}");
    }
    let list = home.run(&["credentials", "list"]).json();
    let id = list["instances"][0]["id"].as_str().unwrap();
    assert_eq!(list["instances"].as_array().unwrap().len(), 8);
    for line in [
        // Refused, each at another point of its way.
        &["credentials", "set", "exa", "--set", "api_key=@env:CANARY"][..],
        &["credentials", "set", "exa", "--set", &inline],
        &["credentials", "set", "Exa!", "--set", "api_key=@stdin"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@stdin", "--set", "other=x"],
        &["credentials", "set", "exa", "--set", &inline, "--set", &inline],
        &["credentials", "set", "exa", "--set", &format!("api_key=@{CANARY}")],
        &["credentials", "set", "exa", "--set", &format!("api_key=@env:{CANARY}")],
        &["credentials", "set", "exa", "--set", &format!("api_key=@file:{CANARY}")],
        &["credentials", "set", "exa", "--set", "api_key=", CANARY],
        &["credentials", "rotate", "no-such-id", "--set", &inline],
        &["credentials", "rotate", id, "--set", "api_key=@env:CANARY"],
        &["credentials", "rotate", id, "--set", "api_key=@file:canary.key"],
        &["credentials", "rotate", id, "--set", &inline, "--set", "second=@stdin"],
        &["credentials", "update", id, "--default"],
        &["credentials", "assign", id, "--action", "search", "--direct"],
        &["credentials", "assignments"],
        &["credentials", "list"],
        &["credentials", "show", id],
        &["explain", "exa"],
        &["explain", "exa", "--action", "search"],
        &["audit"],
        &["vault", "verify"],
        &["credentials", "delete", id],
        &["credentials", "revoke", id],
        &["credentials", "delete", id, "--yes"],
        &["connect", "exa"],
    ] {
        run(line);
    }
}
