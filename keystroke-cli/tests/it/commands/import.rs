//! `credentials import`: what a `.env` file holds, never by a guess, all or nothing, and no value is shown.

use std::fs;

use crate::support::{self, Done, Home, MANIFEST};
use serde_json::{Value, json};

const ENV: &str = "\
# Keys of the assistant.
EXA_API_KEY=canary-exa-0123456789
export SLACK_TOKEN='canary-$lack-0123456789'

EXA_PORT=8443
DATABASE_URL=\"postgres://ada:canary$word@db/main\"
LOG_LEVEL=debug
";

/// With the file, which nobody else may read, and the application's manifest.
fn home() -> Home {
    let home = Home::new();
    write(&home, ENV);
    fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    home
}

fn write(home: &Home, text: &str) {
    let file = home.work().join(".env");
    fs::write(&file, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn stored(home: &Home) -> Vec<Value> {
    if !home.vault().exists() {
        return Vec::new();
    }
    let list = home.run(&["credentials", "list"]).json();
    let all = list["instances"].as_array().unwrap();
    all.iter().map(|one| json!([one["key"], one["scope"], one["project"], one["fields"]])).collect()
}

fn import(home: &Home, flags: &str) -> Done {
    let line = format!("credentials import .env {flags}");
    let done = home.run(&words(line.trim())).done();
    assert!(!format!("{}{}", done.out, done.err).contains("canary"), "{done:?}");
    done
}

#[test]
fn without_a_terminal_it_shows_what_it_would_store_and_stores_nothing() {
    let home = home();
    let refused = home.run(&words("credentials import .env --manifest app.json --user ada")).refused(1);
    assert_eq!(
        (refused.code.as_str(), refused.fix.as_str()),
        ("unconfirmed", "run the same command with `--yes`")
    );
    for part in [
        "would store `exa` for organization default: `api_key` from `EXA_API_KEY` (line 2), `port` from `EXA_PORT` (line 5)",
        "would store `slack` for user ada: `token` from `SLACK_TOKEN` (line 3)",
        "not imported: `DATABASE_URL` (line 6), `LOG_LEVEL` (line 7)",
        "say which field each one is with `--map VAR=key.field`, of `exa.api_key`, `exa.port` or `slack.token`",
    ] {
        assert!(refused.message.contains(part), "{refused:?}");
    }
    assert!(!refused.people.contains("canary") && !refused.people.contains("8443"), "{refused:?}");
    assert!(!home.vault().exists(), "what is not confirmed makes no vault");
}

#[test]
fn yes_takes_what_the_manifest_names_and_what_map_says() {
    let home = home();
    let line = "credentials import .env --manifest app.json --yes --scope project --project-slug a --project-slug b --label Dev";
    let done = home.run(&words(line)).json();
    assert_eq!(done["instances"].as_array().unwrap().len(), 4);
    assert_eq!(done["instances"][0]["label"], "Dev");
    let variable = |variable, line, key, field| json!({ "variable": variable, "line": line, "key": key, "field": field });
    assert_eq!(
        done["imported"],
        json!([
            variable("EXA_API_KEY", 2, "exa", "api_key"),
            variable("EXA_PORT", 5, "exa", "port"),
            variable("SLACK_TOKEN", 3, "slack", "token"),
        ])
    );
    assert_eq!(
        done["skipped"],
        json!([
            { "variable": "DATABASE_URL", "line": 6, "could_be": [] },
            { "variable": "LOG_LEVEL", "line": 7, "could_be": [] },
        ])
    );
    let codes: Vec<_> = done["notices"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(
        codes,
        [
            "not_imported",
            "vault_created",
            "new_project",
            "new_project",
            // `post` pins it to the user scope.
            "unseen",
            "unseen",
            "still_in_file"
        ]
    );
    assert_eq!(stored(&home).len(), 4);
    // The rest, by hand; without a manifest nothing else is looked for.
    write(&home, &ENV.replace('$', ""));
    let done = import(&home, "--map DATABASE_URL=db.url --yes").ok();
    assert!(done.out.starts_with("stored `db` as `db-") && done.out.lines().count() == 1, "{done:?}");
    assert!(done.err.contains("not imported: `EXA_API_KEY` (line 2)"), "{done:?}");
    assert!(done.err.contains("delete line 6 or the file (`rm .env`)"), "{done:?}");
    assert_eq!(
        fs::read_to_string(home.work().join(".env")).unwrap(),
        ENV.replace('$', ""),
        "it stays as it is"
    );
}

#[test]
fn keystroke_toml_says_for_whom_and_for_which_application() {
    let home = home();
    let settings =
        "organization = \"acme\"\nproject = \"research\"\nuser = \"ada\"\nmanifest = \"app.json\"\n";
    fs::write(home.work().join("keystroke.toml"), settings).unwrap();
    let deep = home.work().join("deep");
    fs::create_dir(&deep).unwrap();
    let line = words("credentials import ../.env --scope project --scope user --yes");
    let done = home.run(&line).folder(&deep).json();
    let owner = |one: &Value| json!([one["organization"], one["key"], one["project"], one["user"]]);
    assert_eq!(
        done["instances"].as_array().unwrap().iter().map(owner).collect::<Vec<_>>(),
        [
            json!(["acme", "exa", "research", null]),
            json!(["acme", "exa", null, "ada"]),
            json!(["acme", "slack", "research", null]),
            json!(["acme", "slack", null, "ada"]),
        ]
    );
}

/// What arrives is what the application would have read.
#[test]
fn an_action_is_lent_what_the_file_holds() {
    let home = home();
    let written = "A = 'it costs $5 # or \\more'  # a comment\nB=\"two\\nlines, 'quoted'\"\r\nexport C='-----BEGIN\nabc=\n-----END'\nD=plain=text==\n";
    write(&home, written);
    let line = "credentials import .env --map A=exa.a --map B=exa.b --map C=exa.c --map D=exa.d --yes";
    home.run(&words(line)).ok();
    assert_eq!(
        support::lent::lent(&home),
        ["it costs $5 # or \\more", "two\nlines, 'quoted'", "-----BEGIN\nabc=\n-----END", "plain=text=="]
    );
}

#[test]
fn nothing_is_guessed() {
    let home = home();
    let nothing = home.run(&words("credentials import .env --yes")).refused(1);
    assert_eq!(nothing.code, "nothing_to_import");
    assert!(nothing.message.contains("`EXA_API_KEY` (line 2)"), "{nothing:?}");
    assert!(nothing.fix.contains("`--map EXA_API_KEY=exa.api_key`"), "{nothing:?}");
    // Two fields have the same variable.
    let two = MANIFEST.replace("\"port\"", "\"apiKey\"");
    fs::write(home.work().join("two.json"), two).unwrap();
    let ambiguous = home.run(&words("credentials import .env --manifest two.json --user ada")).refused(1);
    assert!(
        ambiguous
            .message
            .contains("`EXA_API_KEY` (line 2) may be `exa.api_key` or `exa.FIELD`; `--map` says which"),
        "{ambiguous:?}"
    );
    // What `--map` gives to one is not another's too.
    write(&home, &format!("{ENV}MY_EXA=canary-mine-0123\n"));
    let json = home
        .run(&words("credentials import .env --manifest app.json --user ada --map MY_EXA=exa.api_key --yes"))
        .json();
    assert_eq!(json["imported"][0]["variable"], "MY_EXA");
    assert_eq!(json["skipped"][0]["variable"], "EXA_API_KEY");
    write(&home, "");
    assert!(home.run(&words("credentials import .env")).refused(1).message.contains("no variables"));
}

/// The file, the flags, the exit code, the code, and what message and fix must hold.
#[test]
fn what_cannot_be_stored_stores_nothing() {
    let home = home();
    let exa = "--map EXA_API_KEY=exa.api_key";
    let long = format!("{exa} --map LOG_LEVEL=exa.level");
    for (text, flags, exit, code, says) in [
        (ENV, "--map EXA_API_KEY", 2, "usage", &["no `=`", "--map EXA_API_KEY=exa.api_key"][..]),
        (ENV, "--map EXA_API_KEY=exa", 2, "usage", &["no `.`"]),
        (ENV, "--map EXA_API_KEY=exa.api key", 2, "usage", &[]),
        (ENV, "--map =exa.api_key", 2, "usage", &["no variable"]),
        (ENV, "--map EXA_API_KEY=Exa.api_key", 1, "invalid_text", &["`exa`"]),
        (ENV, "--map EXA_API_KEY=exa.api_key --map EXA_API_KEY=exa.b", 2, "usage", &["twice"]),
        (ENV, "--map EXA_API_KEY=exa.a --map LOG_LEVEL=exa.a", 2, "usage", &["twice"]),
        (ENV, "--map NO_SUCH=exa.api_key", 1, "no_such_variable", &["no variable `NO_SUCH`"]),
        (
            ENV,
            "--map DATABASE_URL=db.url",
            1,
            "value",
            &["`DATABASE_URL` (line 6) contains a `$`", "single quotes"],
        ),
        (ENV, &long, 1, "invalid_value", &["`level`", "fewer than 8"]),
        (ENV, "--manifest app.json --user ada --allow-short zone", 2, "usage", &["--allow-short"]),
        (ENV, "--manifest app.json --map LOG_LEVEL=exa.region", 1, "unknown_field", &["`region`"]),
        (ENV, "--manifest app.json --map LOG_LEVEL=other.token", 1, "unknown_key", &["`other`"]),
        (ENV, "--manifest -", 2, "usage", &["--manifest"]),
        (ENV, "--manifest none.json", 1, "manifest_unreadable", &["none.json"]),
        (ENV, "--scope user --map EXA_API_KEY=exa.api_key", 2, "usage", &["--user"]),
        (
            "EXA_PORT=80\n",
            "--manifest app.json",
            1,
            "missing_field",
            &["`api_key`", "`--map VAR=exa.api_key`"],
        ),
        (
            "EXA_API_KEY=canary-a\nEXA_PORT=many\n",
            "--manifest app.json",
            1,
            "invalid_value",
            &["`port`", "u16"],
        ),
        ("EXA_API_KEY=\n", exa, 1, "value", &["(line 1) is empty"]),
        ("EXA_API_KEY=canary-a\nEXA_API_KEY=canary-b\n", exa, 1, "given_twice", &["(line 1)", "line 2"]),
        ("EXA_API_KEY='canary", exa, 1, "not_dotenv", &["line 1", "never closed"]),
        ("EXA_API_KEY=ok\ncanary-of-another-line\n", exa, 1, "not_dotenv", &["line 2 has no `=`"]),
    ] {
        write(&home, text);
        let line = format!("credentials import .env {flags} --yes");
        let line: Vec<&str> = line.split(' ').collect();
        let refused = home.run(&line).refused(exit);
        assert_eq!(refused.code, code, "{flags}: {refused:?}");
        for part in says {
            assert!(format!("{} {}", refused.message, refused.fix).contains(part), "{flags}: {refused:?}");
        }
        assert!(!refused.people.contains("canary"), "{flags}: {refused:?}");
        assert!(!home.vault().exists(), "{flags}: what is refused makes no vault");
    }
    for file in ["none", "."] {
        let refused = home.run(&["credentials", "import", file, "--yes"]).refused(1);
        assert_eq!(refused.code, "unreadable", "{refused:?}");
    }
    fs::write(home.work().join("latin"), b"A=caf\xe9\n").unwrap();
    assert!(home.run(&words("credentials import latin")).refused(1).message.contains("UTF-8"));
}

#[test]
fn it_is_all_or_none_and_replaces_nothing() {
    let home = home();
    home.run(&words("credentials set slack --set token=@stdin --scope user --user ada"))
        .stdin("before-before")
        .ok();
    let before = stored(&home);
    for flags in ["--manifest app.json --user ada --yes", "--manifest app.json --user ada"] {
        let there = home.run(&words(&format!("credentials import .env {flags}"))).refused(1);
        assert_eq!(there.code, "instance_exists", "nobody is asked for what is refused anyway: {there:?}");
        assert!(there.message.contains("`slack`") && there.fix.contains("--add"), "{there:?}");
        assert_eq!(stored(&home), before);
    }
    import(&home, "--manifest app.json --user ada --add --yes").ok();
    assert_eq!(stored(&home).len(), 3);
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home();
    assert!(!import(&home, "--manifest app.json --user ada --yes").ok().err.contains("warning"));
    fs::set_permissions(home.work().join(".env"), fs::Permissions::from_mode(0o640)).unwrap();
    let done = import(&home, "--manifest app.json --user ada --add --yes").ok();
    assert!(
        done.err.starts_with(
            "warning: other users of this machine may read .env (mode 0640): run `chmod 600 .env`"
        ),
        "{done:?}"
    );
}

#[test]
fn standard_input_is_a_file_too() {
    let home = home();
    let run = |flags: &str| home.run(&words(&format!("credentials import - {flags}"))).stdin(ENV);
    assert_eq!(run("--map EXA_API_KEY=exa.api_key").refused(1).code, "unconfirmed");
    let done = run("--map EXA_API_KEY=exa.api_key --yes").done().ok();
    assert!(done.out.starts_with("stored `exa`") && !done.err.contains("still holds"), "{done:?}");
}
