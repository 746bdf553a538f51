//! `keystroke providers`: those that come with keystroke, files of one's own, and issuers that describe themselves.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use crate::support::{ACME, Home};
use serde_json::{Value, json};

fn folder(home: &Home) -> PathBuf {
    home.vault().join("config/providers")
}

/// A home with a file of this name and text to add.
fn with_file(name: &str, text: &str) -> Home {
    let home = Home::new();
    fs::write(home.work().join(name), text).unwrap();
    home
}

fn names(home: &Home) -> Vec<String> {
    let list = home.run(&["providers", "list"]).json();
    list["providers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn entry(home: &Home, name: &str) -> Value {
    let list = home.run(&["providers", "list"]).json();
    list["providers"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
}

#[test]
fn what_is_shown_of_each_provider_is_a_file_that_can_be_added() {
    let home = Home::new();
    let built_in = names(&home);
    assert!(built_in.len() >= 25 && built_in.is_sorted(), "{built_in:?}");
    for name in &built_in {
        let shown = home.run(&["providers", "show", name]).ok();
        fs::write(home.work().join("mine.toml"), &shown).unwrap();
        home.run(&["providers", "add", "mine.toml", "--replace"]).ok();
        let [theirs, mine] =
            [name.as_str(), "mine"].map(|name| home.run(&["providers", "show", name]).json());
        assert_eq!(mine["provider"]["toml"], theirs["provider"]["toml"], "{name}");
        assert_eq!(
            (&theirs["provider"]["origin"], &mine["provider"]["origin"]),
            (&json!("built_in"), &json!("file"))
        );
    }
    assert_eq!(names(&home).len(), built_in.len() + 1);
}

#[test]
fn what_is_to_be_registered_is_told_with_the_exact_redirect() {
    let home = Home::new();
    for (name, redirect, step) in [
        ("slack", json!("https://localhost/callback"), "add the redirect URL https://localhost/callback"),
        ("linear", json!("http://localhost:8765/callback"), "callback URL http://localhost:8765/callback"),
        // A machine signs in without a browser.
        ("google-service-account", Value::Null, "key"),
    ] {
        let shown = &home.run(&["providers", "show", name]).json()["provider"];
        let steps = shown["steps"].to_string();
        assert!(shown["redirect"] == redirect && steps.contains(step) && !steps.contains('{'), "{shown}");
        let people = home.run(&["providers", "show", name]).ok();
        assert!(people.contains(shown["register_at"].as_str().unwrap()), "{people}");
    }
}

#[test]
fn a_file_is_added_once_and_replaced_only_on_demand() {
    let home = with_file("acme.toml", ACME);
    let added = home.run(&["providers", "add", "acme.toml"]).json();
    let place = folder(&home).join("acme.toml");
    assert_eq!(added["provider"]["file"], place.to_str().unwrap());
    assert_eq!(added.get("notices"), None, "{added}");
    assert_eq!(fs::read_to_string(&place).unwrap(), ACME, "comments and order are the author's");
    let changed = ACME.replace("Acme", "Acme 2");
    fs::write(home.work().join("acme.toml"), &changed).unwrap();
    let refused = home.run(&["providers", "add", "acme.toml"]).refused(1);
    assert_eq!(refused.code, "provider_exists");
    assert_eq!(fs::read_to_string(&place).unwrap(), ACME);
    home.run(&["providers", "add", "acme.toml", "--replace"]).ok();
    assert_eq!(entry(&home, "acme")["title"], "Acme 2");
}

#[test]
fn a_file_in_place_of_a_built_in_provider_says_so_everywhere() {
    let home = with_file("slack.toml", ACME);
    let added = home.run(&["providers", "add", "slack.toml"]).json();
    assert_eq!(added["notices"][0]["code"], "replaces_built_in", "{added}");
    let listed = entry(&home, "slack");
    assert_eq!((&listed["title"], &listed["replaces_built_in"]), (&json!("Acme"), &json!(true)));
    assert!(home.run(&["providers", "list"]).ok().contains("slack.toml, in place of keystroke's"));
    assert!(home.run(&["providers", "show", "slack"]).ok().contains("takes the place of keystroke's own"));
}

#[test]
fn a_broken_file_is_listed_with_its_fix_and_does_not_fall_back() {
    let home = Home::new();
    fs::create_dir_all(folder(&home)).unwrap();
    fs::write(folder(&home).join("slack.toml"), ACME.replace("rotates", "rotate")).unwrap();
    let listed = entry(&home, "slack");
    assert_eq!((&listed["title"], &listed["error"]["code"]), (&Value::Null, &json!("provider_invalid")));
    let list = home.run(&["providers", "list"]).json();
    assert_eq!(list["notices"][0]["code"], "unusable_provider", "{list}");
    let people = home.run(&["providers", "list"]).done().ok();
    assert!(people.out.contains("(can't be used)") && people.err.contains("write `rotates`"), "{people:?}");
    assert_eq!(home.run(&["providers", "show", "slack"]).refused(1).code, "provider_invalid");
}

#[test]
fn what_is_no_provider_file_is_refused_and_nothing_is_written() {
    let home = with_file("acme.toml", &ACME.replace("rotates", "rotate").replace("\"post\"", "\"postal\""));
    fs::write(home.work().join("Bad Name.toml"), ACME).unwrap();
    fs::write(home.work().join("acme.txt"), ACME).unwrap();
    fs::write(home.work().join("binary.toml"), [0xff, 0xfe]).unwrap();
    fs::write(home.work().join("long.toml"), vec![b'#'; 70_000]).unwrap();
    for (file, code, message) in [
        ("acme.toml", "provider_invalid", "acme.toml:15: `authentication`"),
        ("acme.toml", "provider_invalid", "acme.toml:18: `tokens`"),
        ("Bad Name.toml", "provider_invalid", "is not the name of a provider"),
        ("acme.txt", "invalid_text", "does not end in `.toml`"),
        ("binary.toml", "unreadable", "is not UTF-8"),
        ("long.toml", "unreadable", "more than 64 KiB"),
        ("none.toml", "unreadable", "No such file"),
        (".", "invalid_text", "does not end in `.toml`"),
    ] {
        let refused = home.run(&["providers", "add", file]).refused(1);
        assert!(refused.code == code && refused.message.contains(message), "{file}: {refused:?}");
    }
    assert!(!home.vault().exists(), "what is refused makes no folder");
    assert_eq!(home.run(&["providers", "add"]).refused(2).code, "usage");
}

#[test]
#[cfg(unix)]
fn a_folder_that_others_can_write_to_is_neither_read_nor_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = with_file("acme.toml", ACME);
    fs::create_dir_all(folder(&home)).unwrap();
    fs::set_permissions(folder(&home), fs::Permissions::from_mode(0o777)).unwrap();
    for line in
        [&["providers", "add", "acme.toml"][..], &["providers", "list"], &["providers", "show", "slack"]]
    {
        let refused = home.run(line).refused(1);
        assert_eq!(refused.code, "provider_unreadable", "{refused:?}");
    }
    assert_eq!(fs::read_dir(folder(&home)).unwrap().count(), 0);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_and_a_secret_in_its_place_is_not() {
    let home = Home::new();
    let refused = home.run(&["providers", "show", "slcak"]).refused(1);
    assert!(refused.code == "provider_unknown" && refused.fix.contains("write `slack`"), "{refused:?}");
    let refused = home.run(&["providers", "show", "JBSWY3DPEHPK3PXP"]).refused(1);
    assert!(refused.code == "provider_unknown" && !refused.people.contains("JBSWY"), "{refused:?}");
}

/// An issuer that answers each request with what `document` makes of its own address.
fn issuer(document: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let body = document(&issuer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            // Whoever asked may be gone.
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    issuer
}

fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "scopes_supported": ["openid"],
    })
}

#[test]
fn an_issuer_describes_itself_and_what_it_leaves_open_is_told() {
    let home = Home::new();
    let issuer = issuer(|issuer| document(issuer).to_string());
    let added = home.run(&["providers", "add", "--issuer", &issuer, "--name", "ours"]).json();
    assert_eq!(added["provider"]["name"], "ours");
    let notice = &added["notices"][0];
    assert!(
        notice["code"] == "unverified" && notice["message"].as_str().unwrap().contains("`refresh.tokens`")
    );
    let file = fs::read_to_string(folder(&home).join("ours.toml")).unwrap();
    assert!(file.starts_with(&format!("# What {issuer} says of itself, as of ")), "{file}");
    assert_eq!(entry(&home, "ours")["grants"], json!(["authorization_code"]));
}

#[test]
fn an_issuer_that_names_another_one_is_refused_and_so_is_one_without_a_name() {
    let home = Home::new();
    let other = issuer(|_| document("https://evil.example").to_string());
    let no_document = issuer(|_| "[]".to_owned());
    for (line, exit, code) in [
        (&["--issuer", other.as_str(), "--name", "ours"][..], 1, "issuer_mismatch"),
        (&["--issuer", no_document.as_str(), "--name", "ours"], 1, "discovery_failed"),
        // An address has no name of its own.
        (&["--issuer", other.as_str()], 1, "invalid_text"),
        (&["--issuer", other.as_str(), "--name", "Ours"], 1, "invalid_text"),
        (&["--issuer", "http://accounts.example.com"], 1, "discovery_failed"),
        (&["--issuer", "accounts.example.com"], 2, "usage"),
        (&["acme.toml", "--name", "ours"], 2, "usage"),
        (&["acme.toml", "--issuer", other.as_str()], 2, "usage"),
    ] {
        let line: Vec<&str> = ["providers", "add"].iter().chain(line).copied().collect();
        assert_eq!(home.run(&line).refused(exit).code, code, "{line:?}");
    }
    assert!(!home.vault().exists());
}
