//! `keystroke tokens`: a token is printed once and kept nowhere, and each refusal names its fix.

use std::fs;

use crate::support::{Home, MANIFEST, commands_exist};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

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
    assert!(!made.err.contains(token) && made.err.contains("shown only once"), "{}", made.err);
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

/// The manifest of the tests: `search`, and `post`, which acts for a user.
fn with_manifest() -> Home {
    let home = Home::new();
    fs::write(home.work().join("assistant.json"), MANIFEST).unwrap();
    home
}

#[test]
fn a_token_is_limited_to_the_tools_that_are_named() {
    let home = with_manifest();
    let create = |line: &[&str]| home.run(&[&["tokens", "create"], line].concat());
    let manifest = ["--manifest", "assistant.json"];
    let two = create(&["--tool", "search", "--tool=post", "--tool", "search", "--as-user", "ada"]);
    let made = two.arg(manifest[0]).arg(manifest[1]).json();
    assert_eq!(made["tools"], json!(["post", "search"]));
    assert_eq!(made.get("notices"), None, "{made}");
    assert_eq!(create(&[]).json()["tools"], Value::Null, "all of them");
    let listed = home.run(&["tokens", "list"]).ok();
    assert!(
        listed.contains("TOOLS") && listed.contains("post, search") && listed.contains("  all\n"),
        "{listed}"
    );
    let tokens = home.run(&["tokens", "list"]).json();
    assert_eq!(
        (&tokens["tokens"][0]["tools"], &tokens["tokens"][1]["tools"]),
        (&made["tools"], &Value::Null)
    );
    let revoked = home.run(&["tokens", "revoke", made["id"].as_str().unwrap()]).ok();
    assert!(revoked.contains("with no tool but `post`, `search`"), "{revoked}");
}

#[test]
fn what_is_not_checked_of_tools_is_said_and_what_is_wrong_is_refused() {
    let home = with_manifest();
    let create = |line: &[&str]| home.run(&[&["tokens", "create"], line].concat());
    let said = |line: &[&str]| create(line).done().ok().err;
    assert!(said(&["--tool", "search"]).contains("it was not checked"), "no manifest");
    assert_eq!(create(&["--tool", "search"]).json()["notices"][0]["code"], "tools_not_checked");
    let manifest = ["--manifest", "assistant.json"];
    let warned = said(&["--tool", "post", manifest[0], manifest[1]]);
    assert!(warned.contains("warning: `post` acts for a user, but the token has none"), "{warned}");
    let fine = said(&["--tool", "post", "--as-user", "ada", manifest[0], manifest[1]]);
    assert!(!fine.contains("warning"), "{fine}");
    let before = home.run(&["tokens", "list"]).ok();
    // The manifest of the folder's application is used without being named.
    fs::write(home.work().join("keystroke.toml"), "manifest = \"assistant.json\"\n").unwrap();
    let unknown = create(&["--tool", "serach", "--tool", "pots", "--tool", "search"]).refused(1);
    assert_eq!(unknown.code, "unknown_tool");
    assert!(unknown.message.contains("no tool `serach`") && unknown.message.contains("no tool `pots`"));
    assert!(unknown.fix.contains("`search`") && unknown.fix.contains("`post`"), "{}", unknown.fix);
    let nothing_near = create(&["--tool", "zzz"]).refused(1);
    assert!(nothing_near.fix.contains("`search` or `post`"), "{}", nothing_near.fix);
    let token = "kst_3f7t1h9p5y2c_Yy3x8v0Qm1c5Zt7Kp2Jr9Lw4Dn6Bs0Hf8Gk1Xa5Ue3M";
    for (slip, exit) in [("Search", 1), ("a b", 1), (token, 2), ("-", 1)] {
        let refused = create(&[&format!("--tool={slip}")]).refused(exit);
        assert!(slip == "-" || !refused.people.contains(slip), "it may be a secret: {}", refused.people);
    }
    // A secret of small letters and digits alone is no name of a tool.
    let secret = "9f86d081884c7d659a2feaa0c55ad015";
    assert!(!create(&["--tool", secret]).refused(1).people.contains(secret));
    create(&["--tool="]).refused(2);
    create(&["--manifest", "assistant.json"]).refused(2);
    create(&["--tool", "search", "--manifest", "gone.json"]).refused(1);
    assert_eq!(home.run(&["tokens", "list"]).ok(), before, "what was refused made no token");
}

#[test]
fn a_token_that_a_server_has_marked_as_expired_is_listed_so() {
    let home = Home::new();
    home.run(&["tokens", "create", "--expires-in", "30d"]).ok();
    let file = home.vault().join("mcp-tokens.json");
    let text = fs::read_to_string(&file).unwrap();
    let listed = home.run(&["tokens", "list"]).ok();
    assert!(listed.contains("EXPIRES") && !listed.contains("expired"), "{listed}");
    let marked = text.replace("\"version\": 1", "\"version\": 2");
    let marked = marked.replace("\"expires_at\"", "\"expired\": true, \"expires_at\"");
    fs::write(&file, marked).unwrap();
    assert!(home.run(&["tokens", "list"]).ok().contains("expired"), "the clock does not say so");
    assert_eq!(home.run(&["tokens", "list"]).json()["tokens"][0]["expired"], true);
}
