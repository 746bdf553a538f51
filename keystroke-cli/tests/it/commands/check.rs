//! `keystroke check`: a vault against what an application asks for.

use std::fs;

use crate::support::{self, Done, Home, MANIFEST};
use serde_json::Value;

const CANARY: &str = "sk-canary-0123456789";

/// With the manifest in its folder.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    home
}

fn set(home: &Home, arguments: &[&str]) -> String {
    let start = ["credentials", "set"];
    let set = home.run(&[&start, arguments].concat()).stdin("a-secret-of-some-length").json();
    set["instances"][0]["id"].as_str().unwrap().to_owned()
}

/// With all that the manifest asks for: the ids of `exa` and `slack`.
fn ready() -> (Home, [String; 2]) {
    let home = home();
    let exa = set(&home, &["exa", "--set", "api_key=@stdin"]);
    let slack = set(&home, &["slack", "--set", "token=@stdin", "--scope", "user", "--user", "ada"]);
    (home, [exa, slack])
}

/// Runs a check that says no: its JSON, and what people see of the same.
fn no(home: &Home, arguments: &[&str]) -> (Value, Done) {
    let people = home.run(arguments).done();
    let programs = home.run(&[arguments, &["--json"]].concat()).done();
    assert_eq!((people.code, programs.code), (Some(1), Some(1)), "{people:?} {programs:?}");
    assert_eq!(programs.err, "");
    let json: Value = serde_json::from_str(&programs.out).unwrap();
    assert_eq!(json["ready"], false);
    (json, people)
}

#[test]
fn a_vault_with_all_of_it_is_ready() {
    let (home, [exa, slack]) = ready();
    let json = home.run(&["check", "app.json", "--as-user", "ada"]).json();
    assert_eq!(json["ready"], true);
    assert_eq!(json["application"]["name"], "assistant");
    assert_eq!(json["run"]["user"], "ada");
    let chosen: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|one| &one["chosen"]["instance"]["id"]).collect();
    assert_eq!(chosen, [exa.as_str(), slack.as_str()]);
    assert_eq!(json["fixes"], serde_json::json!([]));
    let people = home.run(&["check", "app.json", "--as-user", "ada"]).done().ok();
    assert!(
        people.out.ends_with("ready: all 2 requirements resolve\n") && people.err.is_empty(),
        "{people:?}"
    );
}

#[test]
fn each_requirement_that_does_not_resolve_has_its_fix() {
    let home = home();
    home.run(&["vault", "init"]).ok();
    let (json, people) = no(&home, &["check", "app.json", "--as-user", "ada", "--organization", "acme"]);
    let told: Vec<_> = json["findings"].as_array().unwrap().iter().map(|one| &one["readiness"]).collect();
    assert_eq!(told, ["missing", "missing"]);
    assert!(
        people.err.starts_with("error: none of the 2 requirements resolves\nerror: search: "),
        "{}",
        people.err
    );
    for fix in [
        "fix: run `keystroke credentials set exa --set api_key=@stdin --organization acme` (`exa`, for search)",
        "fix: run `keystroke credentials set slack --set token=@stdin --scope user --as-user ada --organization acme` (`slack`, for post)",
    ] {
        assert!(people.err.contains(fix), "{}", people.err);
    }
    support::commands_exist(&home, &people.err);
}

#[test]
fn what_a_fix_says_makes_it_ready() {
    let home = home();
    set(&home, &["exa", "--set", "apikey=@stdin"]);
    let (json, people) = no(&home, &["check", "app.json"]);
    let [exa, slack] = [&json["findings"][0], &json["findings"][1]];
    assert_eq!((&exa["readiness"], &exa["error"]["code"]), (&"impossible".into(), &"invalid".into()));
    assert!(exa["error"]["message"].as_str().unwrap().contains("`api_key` is missing"), "{exa}");
    assert_eq!((&slack["readiness"], &slack["error"]["code"]), (&"impossible".into(), &"no_user".into()));
    assert!(slack["error"]["fix"].as_str().unwrap().contains("`--as-user NAME`"), "{slack}");

    let fix =
        people.err.split('`').find(|quoted| quoted.starts_with("keystroke credentials rotate ")).unwrap();
    let words: Vec<&str> = fix.split(' ').skip(1).collect();
    home.run(&words).stdin("a-secret-of-some-length").ok();
    set(&home, &["slack", "--set", "token=@stdin", "--scope", "user", "--user", "ada"]);
    home.run(&["check", "app.json", "--as-user", "ada"]).ok();
}

#[test]
fn a_background_run_has_no_user_and_no_flag_gives_it_one() {
    let (home, _) = ready();
    let (json, _) = no(&home, &["check", "app.json", "--origin", "schedule"]);
    let error = &json["findings"][1]["error"];
    assert_eq!(error["code"], "no_user");
    assert!(!error["fix"].as_str().unwrap().contains("--as-user"), "{error}");
    let refused = home.run(&["check", "app.json", "--origin", "schedule", "--as-user", "ada"]).refused(2);
    assert!(refused.message.contains("schedule run has no user"), "{refused:?}");
}

#[test]
fn an_agents_assignments_are_looked_at() {
    let (home, [exa, _]) = ready();
    set(&home, &["exa", "--set", "api_key=@stdin", "--add"]);
    no(&home, &["check", "app.json", "--as-user", "ada"]);
    home.run(&["credentials", "assign", &exa, "--action", "search", "--tool", "researcher"]).ok();
    let json = home.run(&["check", "app.json", "--as-user", "ada", "--tool", "researcher"]).json();
    assert_eq!(json["run"]["consumer"]["agent"], "researcher");
    assert_eq!(json["findings"][0]["chosen"]["rule"], "R2");
}

#[test]
fn a_check_opens_nothing_and_leaves_no_record() {
    let (home, _) = ready();
    let before = home.run(&["audit"]).json();
    home.run(&["check", "app.json", "--as-user", "ada"]).ok();
    no(&home, &["check", "app.json"]);
    assert_eq!(home.run(&["audit"]).json(), before);
}

#[test]
fn the_manifest_comes_from_standard_input_or_from_keystroke_toml() {
    let (home, _) = ready();
    home.run(&["check", "-", "--as-user", "ada"]).stdin(MANIFEST).ok();
    let refused = home.run(&["check"]).refused(2);
    assert!(refused.fix.contains("keystroke check app.json"), "{refused:?}");
    fs::write(home.work().join("keystroke.toml"), "manifest = \"build/app.json\"\nuser = \"ada\"\n").unwrap();
    let refused = home.run(&["check"]).refused(1);
    assert_eq!(refused.code, "manifest_unreadable");
    fs::create_dir_all(home.work().join("build/deeper")).unwrap();
    fs::rename(home.work().join("app.json"), home.work().join("build/app.json")).unwrap();
    // From where the file is, not from the current folder.
    home.run(&["check"]).folder(home.work().join("build/deeper")).ok();
}

#[test]
fn a_broken_manifest_is_refused_by_name_and_not_repeated() {
    let (home, _) = ready();
    let with = |old: &str, new: &str| MANIFEST.replacen(old, new, 1);
    for (text, code, place) in [
        (format!("EXA_API_KEY={CANARY}\n"), "manifest_not_json", "line 1, column 1"),
        (format!("[\"{CANARY}\"]"), "manifest_no_format", "no `format`"),
        (with("\"format\": 1", "\"format\": 7"), "manifest_format", "the format 7"),
        (with("\"u16\"", &format!("\"{CANARY}\"")), "manifest_invalid", "credentials[0].fields[1].type"),
        (
            with("\"credential\": \"exa\"", &format!("\"credential\": \"{CANARY}\"")),
            "manifest_invalid",
            "actions[0].requires[0].credential",
        ),
        (" ".repeat(1024 * 1024 + 1), "manifest_too_long", "1 MiB"),
    ] {
        fs::write(home.work().join("broken.json"), text).unwrap();
        let refused = home.run(&["check", "broken.json"]).refused(1);
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.message.contains(place) && refused.message.contains("broken.json"), "{refused:?}");
        assert!(!refused.people.contains(CANARY), "{refused:?}");
    }
    assert_eq!(home.run(&["check", "."]).refused(1).code, "manifest_unreadable");
    let home = self::home();
    assert_eq!(home.run(&["check", "app.json"]).refused(1).code, "no_vault");
}

/// The application of [`MANIFEST`], were these pieces of it something else.
fn changed(home: &Home, name: &str, pieces: &[(&str, &str)]) {
    let change = |manifest: String, (from, to): &(&str, &str)| {
        assert!(manifest.contains(from), "{from}");
        manifest.replace(from, to)
    };
    fs::write(home.work().join(name), pieces.iter().fold(MANIFEST.to_owned(), change)).unwrap();
}

const SLACK: (&str, &str) =
    (r#""credential": "slack", "pin": "user""#, r#""credential": "slack", "pin": "user", "optional": true"#);

#[test]
fn an_optional_credential_that_is_absent_is_told_and_fails_nothing() {
    let home = home();
    changed(&home, "free.json", &[SLACK]);
    set(&home, &["exa", "--set", "api_key=@stdin"]);
    for (user, code) in [(&[][..], "no_user"), (&["--as-user", "ada"], "missing")] {
        let json = home.run(&[&["check", "free.json"], user].concat()).json();
        assert_eq!(json["ready"], true);
        let slack = &json["findings"][1];
        assert_eq!((&slack["readiness"], &slack["error"]), (&"absent".into(), &Value::Null));
        assert_eq!(slack["absent"]["code"], code);
        let people = home.run(&[&["check", "free.json"], user].concat()).done().ok();
        assert!(people.out.contains("post    slack  user  absent, optional"), "{people:?}");
        let ready = "ready: 1 of 2 requirements resolves, 1 is optional and absent\n";
        assert!(people.out.ends_with(ready), "{people:?}");
    }
    // What is broken is not absent.
    let id = set(&home, &["slack", "--set", "token=@stdin", "--scope", "user", "--user", "ada"]);
    home.run(&["credentials", "revoke", &id]).ok();
    let (json, _) = no(&home, &["check", "free.json", "--as-user", "ada"]);
    assert_eq!(json["findings"][1]["error"]["code"], "revoked");
}

#[test]
fn an_action_that_needs_a_user_does_not_go_without_one() {
    let home = home();
    changed(&home, "user.json", &[SLACK, (r#""slug": "post","#, r#""slug": "post", "needs_user": true,"#)]);
    set(&home, &["exa", "--set", "api_key=@stdin"]);
    let (json, _) = no(&home, &["check", "user.json"]);
    assert_eq!(json["findings"][1]["error"]["code"], "no_user");
    home.run(&["check", "user.json", "--as-user", "ada"]).ok();
}

#[test]
fn where_one_action_requires_what_another_may_lack_it_is_required() {
    let home = home();
    let both = r#""requires": [{ "credential": "exa", "pin": null, "optional": true }, { "credential": "slack", "pin": "user", "optional": true }]"#;
    changed(&home, "both.json", &[(r#""requires": [{ "credential": "slack", "pin": "user" }]"#, both)]);
    home.run(&["vault", "init"]).ok();
    let (json, people) = no(&home, &["check", "both.json", "--as-user", "ada"]);
    let told: Vec<_> = json["findings"].as_array().unwrap().iter().map(|one| &one["readiness"]).collect();
    assert_eq!(told, ["missing", "absent", "absent"]);
    assert!(people.err.starts_with("error: 1 of 3 requirements does not resolve\n"), "{people:?}");
    assert_eq!(json["fixes"][0]["actions"], serde_json::json!(["search"]));

    // `explain` asks for one of them, or for what holds for all. A pin that none of them has is that of a use or a call,
    // which acts for a user.
    for (arguments, is_absent) in [
        (&["exa"][..], false),
        (&["exa", "--action", "search"], false),
        (&["exa", "--action", "post"], true),
        (&["slack"], true),
        (&["slack", "--action", "post"], true),
        (&["slack", "--action", "post", "--as-user", "ada"], true),
        (&["slack", "--action", "post", "--pin", "user"], true),
        (&["slack", "--pin", "user"], true),
        (&["exa", "--action", "post", "--pin", "user"], false),
        (&["exa", "--action", "post", "--pin", "user", "--as-user", "ada"], true),
        (&["exa", "--action", "post", "--pin", "project"], true),
    ] {
        let explain = [&["explain", "--manifest", "both.json"], arguments].concat();
        let json = home.run(&explain).json();
        assert_eq!(
            (json["absent"].is_object(), json["error"].is_object()),
            (is_absent, !is_absent),
            "{json}"
        );
        let people = home.run(&explain).done().ok();
        let says = if is_absent { "a run goes without it: it is optional\n" } else { "a run is refused: " };
        assert!(people.out.contains(says), "{people:?}");
        assert_eq!(people.out.contains("→ absent, optional\n"), is_absent, "{people:?}");
        support::commands_exist(&home, &people.out);
    }
}
