//! `keystroke tokens`: a token is printed once and kept nowhere, and each refusal names its fix.

#![allow(clippy::unwrap_used, reason = "helpers of tests, too, may stop at the first surprise")]

#[cfg(test)]
mod support;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{Home, commands_exist};

/// What must not be kept: the secret as text, as bytes, and as hex and base64 of either.
fn forms(token: &str) -> Vec<Vec<u8>> {
    let secret = token.strip_prefix("kst_").unwrap().split_once('_').unwrap().1;
    let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap();
    assert_eq!(bytes.len(), 32);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let encoded = |bytes: &[u8]| STANDARD.encode(bytes).trim_end_matches('=').as_bytes().to_vec();
    vec![
        secret.into(),
        hex(&bytes),
        hex(secret.as_bytes()),
        encoded(&bytes),
        encoded(secret.as_bytes()),
        bytes,
    ]
}

fn is_kept(home: &Home, token: &str) -> bool {
    let files = home.files();
    assert!(files.keys().any(|path| path.ends_with("mcp-tokens.json")));
    let holds = |bytes: &[u8], form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
    files.values().any(|bytes| forms(token).iter().any(|form| holds(bytes, form)))
}

#[test]
fn a_token_is_printed_once_and_no_byte_of_it_is_kept() {
    let (home, _) = Home::with_exa();
    let made = home.run(&["tokens", "create", "--label", "laptop", "--expires-in", "30d"]).done().ok();
    let token = made.out.strip_suffix('\n').unwrap();
    assert!(!made.err.contains(token) && made.err.contains("shown this once"), "{}", made.err);
    let other = home.run(&["tokens", "create"]).json();
    let other = other["token"].as_str().unwrap();
    for token in [token, other] {
        assert!(!is_kept(&home, token));
        // The control: it would be found.
        let planted = home.vault().join("planted");
        for form in forms(token) {
            fs::write(&planted, [b"x", &*form, b"y"].concat()).unwrap();
            assert!(is_kept(&home, token));
        }
        fs::remove_file(planted).unwrap();
        let listed = home.run(&["tokens", "list"]).ok() + &home.run(&["tokens", "list", "--json"]).ok();
        let secret = String::from_utf8(forms(token).remove(0)).unwrap();
        assert!(!listed.contains(&secret));
        // In the place of its id it is not repeated.
        let refused = home.run(&["tokens", "revoke", token]).refused(1);
        assert!(!refused.people.contains(&secret), "{}", refused.people);
    }
}

#[test]
fn a_token_is_bound_to_whom_the_command_works_for() {
    let home = Home::new();
    let bound = |line: &[&str]| {
        let made = home.run(&[&["tokens", "create"], line].concat()).json();
        json!([made["organization"], made["project"], made["user"]])
    };
    assert_eq!(bound(&[]), json!(["default", "default", null]));
    fs::write(home.work().join("keystroke.toml"), "organization = \"acme\"\nuser = \"ada\"\n").unwrap();
    assert_eq!(bound(&[]), json!(["acme", "default", "ada"]));
    assert_eq!(bound(&["--project", "research", "--as-user", "bob"]), json!(["acme", "research", "bob"]));
    fs::write(home.work().join("keystroke.toml"), "nonsense").unwrap();
    assert_eq!(home.run(&["tokens", "create"]).refused(1).code, "context", "nothing is made by guessing");
    fs::remove_file(home.work().join("keystroke.toml")).unwrap();
    let all = home.run(&["tokens", "list"]).json();
    assert_eq!(all["tokens"].as_array().map(Vec::len), Some(3));
    let acme = home.run(&["tokens", "list", "--organization", "acme"]).json();
    assert_eq!(acme["tokens"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_cannot_be_done_is_refused_and_loses_nothing() {
    let home = Home::new();
    assert_eq!(home.run(&["tokens", "list"]).ok(), "no tokens\n");
    let made = home.run(&["tokens", "create", "--organization", "acme"]).json();
    let id = made["id"].as_str().unwrap();
    let file = home.vault().join("mcp-tokens.json");
    let before = fs::read(&file).unwrap();
    for (line, code) in [
        (vec!["tokens", "revoke", "000000000000"], "token_not_found"),
        (vec!["tokens", "revoke", id, "--organization", "globex"], "token_not_found"),
        (vec!["tokens", "create", "--expires-in", "100000years"], "expiry_too_far"),
    ] {
        let refused = home.run(&line).refused(1);
        assert_eq!(refused.code, code);
        commands_exist(&home, &refused.fix);
    }
    for wrong in ["0s", "soon", "-1d", ""] {
        home.run(&["tokens", "create", &format!("--expires-in={wrong}")]).refused(2);
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::write(&file, "{\"tokens\": 3}").unwrap();
    for line in [&["tokens", "list"][..], &["tokens", "create"], &["tokens", "revoke", id]] {
        let refused = home.run(line).refused(1);
        assert_eq!(refused.code, "tokens_malformed");
        assert!(refused.message.contains("mcp-tokens.json"), "{}", refused.message);
        commands_exist(&home, &refused.fix);
    }
    assert_eq!(fs::read(&file).unwrap(), b"{\"tokens\": 3}", "what is broken is not written over");
    fs::write(&file, before).unwrap();
    let revoked: Value = home.run(&["tokens", "revoke", id]).json();
    assert_eq!(revoked["revoked"]["id"], id);
    assert_eq!(home.run(&["tokens", "list"]).ok(), "no tokens\n");
}
