//! With the manifest of an application, a command that stores a credential knows which fields there are.

use std::fs;

use crate::support::{Home, MANIFEST, Refused};

const CANARY: &str = "canary-of-the-manifest-0123456789";

/// With a manifest that `keystroke.toml` names.
fn home() -> Home {
    let home = Home::new();
    let account = MANIFEST.replacen("\"kind\": \"api_key\"", "\"kind\": \"oauth_managed\"", 1);
    fs::write(home.work().join("account.json"), account).unwrap();
    fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    fs::write(home.work().join("keystroke.toml"), "manifest = \"app.json\"\n").unwrap();
    home
}

fn refused(home: &Home, line: &str) -> Refused {
    let words: Vec<&str> = line.split(' ').collect();
    home.run(&words).env("SECRET", CANARY).stdin(CANARY).refused(1)
}

fn set_exa(home: &Home) -> String {
    let set = home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin"]).stdin(CANARY).json();
    set["instances"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_wrong_field_is_refused_with_the_nearest_one_and_nothing_is_stored() {
    let home = home();
    for (sets, code, message, fix) in [
        (
            "apikey=@env:SECRET",
            "unknown_field",
            "`exa` is not declared with a field `apikey`",
            "write `api_key`",
        ),
        ("apiKey=@env:SECRET", "unknown_field", "with a field of this name", "write `api_key`"),
        ("region=@env:SECRET", "unknown_field", "a field `region`", "use `api_key` or `port`"),
        (
            "c2VjcmV0LWNhbmFyeQ=@env:SECRET",
            "unknown_field",
            "a field of this name",
            "use `api_key` or `port`",
        ),
        ("port=@env:SECRET", "missing_field", "the required field `api_key`", "add `--set api_key=@stdin`"),
    ] {
        let refused = refused(&home, &format!("credentials set exa --set {sets}"));
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.message.contains(message) && refused.fix == fix, "{refused:?}");
        assert!(!refused.people.contains("canary") && !refused.people.contains("c2Vj"), "{refused:?}");
    }
    assert!(!home.vault().exists(), "what is refused makes no vault");
}

#[test]
fn a_plain_value_is_checked_and_may_be_short() {
    let home = home();
    let both = |port: &str| format!("credentials set exa --set api_key=@env:SECRET --set port={port}");
    let wrong = refused(&home, &both("70000"));
    assert_eq!(
        (wrong.code.as_str(), wrong.message.as_str()),
        ("invalid_value", "the value of `port` is not a valid u16")
    );
    assert!(!wrong.people.contains("70000"), "{wrong:?}");
    let words = both("443");
    let words: Vec<&str> = words.split(' ').collect();
    // Without the manifest `--allow-short port` has to say that it is no secret.
    home.run(&words).env("SECRET", CANARY).ok();
    // A short secret is refused as ever.
    let short = home
        .run(&["credentials", "set", "slack", "--set", "token=@stdin", "--user", "ada"])
        .stdin("short")
        .refused(1);
    assert!(short.message.contains("fewer than 8 bytes"), "{short:?}");
}

#[test]
fn a_key_that_the_application_does_not_declare_is_refused_with_those_that_it_does() {
    let home = home();
    let near = refused(&home, "credentials set exxa --set api_key=@stdin");
    assert_eq!(near.code, "unknown_key");
    assert_eq!(near.message, "assistant declares no key `exxa`");
    assert!(near.fix.starts_with("write `exa`; its keys are `exa` or `slack`; "), "{near:?}");
    let far = refused(&home, "connect firecrawl");
    assert!(far.code == "unknown_key" && far.fix.starts_with("use `exa` or `slack`; "), "{far:?}");
    // Another application's manifest is named, and the one in keystroke.toml is out of the way.
    let other = MANIFEST.replace("\"exa\"", "\"firecrawl\"");
    fs::write(home.work().join("other.json"), other).unwrap();
    home.run(&["credentials", "set", "firecrawl", "--set", "api_key=@stdin", "--manifest", "other.json"])
        .stdin(CANARY)
        .ok();
}

#[test]
fn an_account_takes_no_values() {
    let home = home();
    for line in ["credentials set exa --set api_key=@stdin", "connect exa"] {
        let refused = refused(&home, &format!("{line} --manifest account.json"));
        assert_eq!(refused.code, "not_supported", "{refused:?}");
    }
}

#[test]
fn a_rotation_ends_with_what_the_application_reads() {
    let home = home();
    let id = set_exa(&home);
    let rotate = format!("credentials rotate {id}");
    assert_eq!(refused(&home, &format!("{rotate} --set apikey=@stdin")).code, "unknown_field");
    let without = refused(&home, &format!("{rotate} --set port=80 --unset api_key"));
    assert_eq!(without.code, "missing_field");
    assert_eq!(refused(&home, &format!("{rotate} --set port=much")).code, "invalid_value");
    // A field that the application knows is no slip, so there is no `new_field`.
    let words = format!("{rotate} --set port=@env:PORT --json");
    let done = home.run(&words.split(' ').collect::<Vec<_>>()).env("PORT", "8080").done().ok();
    assert!(!done.out.contains("new_field") && done.out.contains("\"port\""), "{done:?}");
    // What was there before and the application does not read can be taken out.
    fs::remove_file(home.work().join("keystroke.toml")).unwrap();
    let stray = format!("{rotate} --set stray=@env:SECRET");
    home.run(&stray.split(' ').collect::<Vec<_>>()).env("SECRET", CANARY).ok();
    let unset = format!("{rotate} --unset stray --manifest app.json");
    home.run(&unset.split(' ').collect::<Vec<_>>()).ok();
}

#[test]
fn without_a_terminal_connect_names_the_required_fields() {
    let home = home();
    let refused = refused(&home, "connect exa");
    assert_eq!(refused.code, "no_terminal");
    assert_eq!(refused.fix, "run `keystroke credentials set exa --set api_key=@stdin`");
    assert_eq!(self::refused(&home, "connect exa --field port").code, "missing_field");
    assert_eq!(self::refused(&home, "connect exa --field apikey").code, "unknown_field");
}

#[test]
fn an_explanation_tells_a_missing_field_by_the_manifest() {
    let home = home();
    let toml = home.work().join("keystroke.toml");
    let named = fs::read(&toml).unwrap();
    fs::remove_file(&toml).unwrap();
    home.run(&["credentials", "set", "exa", "--set", "apikey=@stdin"]).stdin(CANARY).ok();
    // Without it nobody says which fields there must be.
    assert!(home.run(&["explain", "exa"]).json()["error"].is_null());
    fs::write(&toml, named).unwrap();
    assert_eq!(home.run(&["explain", "exa"]).json()["error"]["code"], "invalid");
    // The action's pin is known too, and a flag says another.
    let pinned = home.run(&["explain", "slack", "--action", "post", "--direct"]).json();
    assert_eq!((&pinned["pin"], &pinned["error"]["code"]), (&"user".into(), &"no_user".into()));
    let other = home.run(&["explain", "slack", "--action", "post", "--direct", "--pin", "project"]).json();
    assert_eq!(other["pin"], "project");
    // A key that the found one does not have is asked about as ever; of one that was named it is a slip.
    home.run(&["explain", "firecrawl"]).ok();
    assert_eq!(refused(&home, "explain firecrawl --manifest app.json").code, "unknown_key");
}

#[test]
fn a_manifest_that_cannot_be_used_is_not_passed_over() {
    let home = home();
    fs::write(home.work().join("app.json"), "{}").unwrap();
    for line in ["credentials set exa --set api_key=@stdin", "connect exa", "explain exa"] {
        assert_eq!(refused(&home, line).code, "manifest_no_format", "{line}");
    }
    let stdin =
        home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin", "--manifest", "-"]).refused(2);
    assert!(stdin.message.contains("standard input is for values"), "{stdin:?}");
    // Commands that ask nothing of it work.
    home.run(&["vault", "init"]).ok();
    home.run(&["credentials", "list"]).ok();
}
