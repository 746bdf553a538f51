//! What is refused, and what each refusal says. What was typed is in none of them where it may be a secret.

use crate::support::{self, Home, commands_exist};

/// What is refused: the command line, its exit code, the code of the error, and what message and fix must hold.
#[test]
fn every_refusal_has_its_exit_code_and_names_the_fix() {
    let (home, id) = Home::with_exa();
    let id = id.as_str();
    home.run(&["credentials", "set", "old", "--set", "api_key=@stdin"]).stdin("old-secret-7Qm2vX9d").ok();
    let records = home.run(&["credentials", "list", "old"]).json();
    let old = records["instances"][0]["id"].as_str().unwrap();
    home.run(&["credentials", "revoke", old]).ok();
    home.run(&["credentials", "assign", id, "--action", "search", "--tool", "researcher"]).ok();

    let table: &[(&[&str], i32, &str, &[&str])] = &[
        (&["nonsense"], 2, "usage", &["keystroke --help"]),
        (&["credentials", "show"], 2, "usage", &["<ID>"]),
        (&["credentials", "update", id], 2, "usage", &["--label"]),
        (&["credentials", "assign", id, "--action", "search"], 2, "usage", &["--direct"]),
        (
            &["credentials", "assign", id, "--action", "search", "--direct", "--tool", "x"],
            2,
            "usage",
            &["--direct"],
        ),
        (&["credentials", "set", "x", "--scope", "team"], 2, "usage", &["organization, project, user"]),
        (&["explain", "exa", "--tool", "researcher"], 2, "usage", &["--action"]),
        (
            &["explain", "exa", "--origin", "schedule", "--as-user", "ada"],
            2,
            "usage",
            &["schedule", "--as-user"],
        ),
        (&["audit", "--since", "yesterday"], 2, "usage", &["2h"]),
        (&["--organization", "", "credentials", "list"], 2, "usage", &["--organization"]),
        (&["vault", "init"], 1, "vault_exists", &["vault.db"]),
        (&["credentials", "set", "new"], 2, "usage", &["--set api_key=@stdin", "@env:VAR", "@file:PATH"]),
        (&["credentials", "set", "new", "--set", "api_key"], 2, "usage", &["no `=`", "@stdin"]),
        (&["credentials", "set", "new", "--set", "a b=value-value"], 2, "usage", &["A–Z"]),
        (
            &["credentials", "set", "new", "--set", "api_key=@nowhere"],
            2,
            "usage",
            &["`api_key`", "@file:PATH", "@@"],
        ),
        (
            &["credentials", "set", "new", "--set", "a=value-value", "--set", "a=value-value"],
            2,
            "usage",
            &["`a` again"],
        ),
        (&["credentials", "set", "new", "--set", "a=@stdin", "--set", "b=@stdin"], 2, "usage", &["@env:VAR"]),
        (&["credentials", "set", "new", "--set", "api_key="], 1, "value", &["`api_key`", "empty"]),
        (&["credentials", "set", "new", "--set", "api_key=@stdin"], 1, "value", &["`api_key`", "empty"]),
        (
            &["credentials", "set", "new", "--set", "api_key=@env:NOT_SET"],
            1,
            "value",
            &["`api_key`", "@env:", "not set"],
        ),
        (
            &["credentials", "set", "new", "--set", "api_key=@env:EMPTY"],
            1,
            "value",
            &["`api_key`", "@env:", "empty"],
        ),
        (
            &["credentials", "set", "new", "--set", "api_key=@file:no-such-file"],
            1,
            "value",
            &["`api_key`", "No such file"],
        ),
        (&["credentials", "set", "new", "--set", "api_key=@file:~/key"], 1, "value", &["`api_key`", "$HOME"]),
        (&["credentials", "set", "new", "--set", "api_key=@file:."], 1, "value", &["`api_key`", "directory"]),
        (
            &["credentials", "set", "new", "--set", "region=eu"],
            1,
            "invalid_value",
            &["`region`", "--allow-short region"],
        ),
        (
            &["credentials", "set", "new", "--set", "region=eu-west-1", "--allow-short", "zone"],
            2,
            "usage",
            &["--allow-short"],
        ),
        (&["credentials", "set", "New", "--set", "api_key=value-value"], 1, "invalid_text", &["key"]),
        (
            &["credentials", "set", "new", "--set", "a=value-value", "--project-slug", "x"],
            2,
            "usage",
            &["--scope project"],
        ),
        (
            &["credentials", "set", "new", "--set", "a=value-value", "--scope", "user"],
            2,
            "usage",
            &["--user"],
        ),
        (
            &["credentials", "set", "exa", "--set", "api_key=value-value"],
            1,
            "instance_exists",
            &[id, "rotate", "--add"],
        ),
        (&["credentials", "show", "no-such-id"], 1, "no_such_instance", &["no-such-id", "credentials list"]),
        (&["credentials", "show", id, "--organization", "acme"], 1, "no_such_instance", &[id]),
        (&["credentials", "delete", id], 1, "assigned", &["researcher", "--yes"]),
        (&["credentials", "delete", "no-such-id", "--yes"], 1, "no_such_instance", &["no-such-id"]),
        (
            &["credentials", "rotate", id, "--unset", "apikey"],
            1,
            "unknown_field",
            &["a field `apikey`", "write `api_key`"],
        ),
        (&["credentials", "rotate", id], 2, "usage", &["field=@env:VAR"]),
        (&["credentials", "rotate", old, "--set", "api_key=value-value"], 1, "revoked", &[old, "--add"]),
        (&["credentials", "update", old, "--default"], 1, "revoked", &[old]),
        (&["credentials", "assign", old, "--action", "search", "--direct"], 1, "revoked", &[old]),
        (
            &["credentials", "assign", "no-such-id", "--action", "search", "--direct"],
            1,
            "no_such_instance",
            &["no-such-id"],
        ),
        (
            &["credentials", "unassign", "exa", "--action", "search", "--direct"],
            1,
            "no_such_assignment",
            &["credentials assignments"],
        ),
        (&["connect", "slack"], 1, "no_terminal", &["credentials set slack --set api_key=@stdin", "OAuth"]),
        (
            &["connect", "slack", "--field", "a", "--field", "b"],
            1,
            "no_terminal",
            &["--set a=@env:SLACK_A --set b=@env:SLACK_B"],
        ),
        (&["connect", "slack", "--field", "a b"], 2, "usage", &["--field"]),
        (&["list"], 2, "usage", &["keystroke credentials list"]),
        (&["credentials", "verify"], 2, "usage", &["keystroke vault verify"]),
        (&["credentials", "lst"], 2, "usage", &["'list'"]),
        (&["credentials", "list", "--jsno"], 2, "usage", &["'--json'"]),
        (&["--json=yes", "audit"], 2, "usage", &["--json", "no value"]),
        (&["audit", "--limit", "many"], 2, "usage", &["--limit"]),
        (&["explain", "WeatherNow"], 1, "invalid_text", &["`weather-now`"]),
        (&["explain", "api key"], 1, "invalid_text", &["such as `exa`"]),
        (&["credentials", "list", "Exa"], 1, "invalid_text", &["`exa`"]),
        (
            &["credentials", "rotate", "old", "--set", "api_key=value-value"],
            1,
            "no_such_instance",
            &["credential key", old],
        ),
        (&["credentials", "show", "exa"], 1, "no_such_instance", &["credential key", id]),
        (
            &["credentials", "show", "exa", "--organization", "acme"],
            1,
            "no_such_instance",
            &["there is no instance `exa`"],
        ),
        (
            &["credentials", "set", "new", "--set", "a=", "--set", "b=@env:", "--set", "c"],
            2,
            "usage",
            &[
                "value of `a` is empty",
                "the second `--set` names nothing",
                "the third `--set` has no `=`",
                "@env:VAR",
            ],
        ),
        (
            &[
                "credentials",
                "set",
                "new",
                "--set",
                "a=@env:NOT_SET",
                "--set",
                "b=@file:.",
                "--set",
                "c=@env:EMPTY",
            ],
            1,
            "value",
            &[
                "`a` with `@env:`, is not set",
                "`b` with `@file:`, cannot",
                "directory",
                "`c` with `@env:`, is empty",
            ],
        ),
        (
            &[
                "credentials",
                "set",
                "new",
                "--set",
                "region=eu",
                "--set",
                "zone=1",
                "--set",
                "x=y",
                "--allow-short",
                "x",
            ],
            1,
            "invalid_value",
            &["`region` and of `zone`", "`--allow-short region` and `--allow-short zone`"],
        ),
    ];
    let before = home.run(&["credentials", "list"]).ok();
    for (line, exit, code, says) in table {
        let refused = home.run(line).env("EMPTY", "").refused(*exit);
        assert_eq!(refused.code, *code, "{line:?}: {refused:?}");
        for text in *says {
            assert!(refused.people.contains(text), "{line:?} does not say `{text}`: {}", refused.people);
        }
        commands_exist(&home, &refused.fix);
        for text in ["value-value", "nowhere", "no-such-file", "NOT_SET", "EMPTY", "team", "nonsense"] {
            assert!(
                !refused.people.contains(text) && !refused.message.contains(text),
                "{line:?}: {refused:?}"
            );
        }
    }
    assert_eq!(home.run(&["credentials", "list"]).ok(), before);
}

#[test]
#[cfg(unix)]
fn values_that_are_no_text_are_refused_by_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = Home::new();
    let bytes = std::ffi::OsStr::from_bytes(b"\xff-\xfe-not-text");
    std::fs::write(home.work().join("key"), bytes.as_bytes()).unwrap();
    for (set, says) in [
        ("api_key=@env:RAW", "`api_key`"),
        ("api_key=@file:key", "`api_key`"),
        ("api_key=@stdin", "`api_key`"),
    ] {
        let set =
            home.run(&["credentials", "set", "exa", "--set", set]).env("RAW", bytes).stdin(bytes.as_bytes());
        let refused = set.refused(1);
        assert!(refused.message.contains(says) && refused.message.contains("UTF-8"), "{refused:?}");
    }
    let inline = std::ffi::OsStr::from_bytes(b"api_key=\xff-not-text");
    assert!(home.run(&["credentials", "set", "exa", "--set"]).arg(inline).done().err.contains("UTF-8"));
    assert!(!home.vault().exists(), "a refused value makes no vault");
}

/// clap's own errors would repeat what was typed.
#[test]
fn a_slipped_secret_is_not_repeated() {
    let home = Home::new();
    for line in [
        &["credentials", "set", "exa", "--set", "api_key=", "slipped-canary"][..],
        &["credentials", "set", "exa", "api_key=slipped-canary"],
        &["credentials", "set", "exa", "--api_key=slipped-canary"],
        &["credentials", "set", "exa", "--slipped-canary-0123456789"],
        &["credentials", "set", "exa", "-slipped-canary"],
        &["credentials", "set", "api_key=slipped-canary"],
        &["connect", "api_key=slipped-canary"],
        &["credentials", "rotate", "id", "--set", "api_key=@env:slipped-canary"],
        &["credentials", "set", "exa", "--set", "api_key=@env:slipped-canary"],
        &["credentials", "set", "exa", "--set", "api_key=@file:slipped-canary"],
        &["credentials", "set", "exa", "--set", "slipped-canary"],
    ] {
        for json in [false, true] {
            let run = home.run(line);
            let done = if json { run.arg("--json").done() } else { run.done() };
            assert_ne!(done.code, Some(0), "{line:?}");
            assert!(!done.err.contains("lipped-canary"), "{line:?}: {}", done.err);
        }
    }
}

/// A key, a token or a provider's secret in the place of a name is repeated nowhere, and stored nowhere in the open.
#[test]
fn a_secret_in_the_place_of_a_name_is_not_repeated() {
    // Its pieces are long enough to be told, whatever a path is cut at.
    const RING: &str = "k1:QmFzZTY0T2ZBS2V5T2Yz/jJCeXRlc09yTW9yZVRoYW4=";
    const SECRETS: [&str; 5] = [
        RING,
        "QmFzZTY0T2ZBS2V5T2Yz/jJCeXRlc09yTW9yZVRoYW4=",
        "@wrapped:QmFzZTY0T2ZBS2V5T2YzjJCeXRlc09yTW9yZVRoYW4",
        "kst_7k2m4q9d3x5z_QmFzZTY0T2ZBS2V5T2YzjJCeXRlc09yTW9yZVRoYW4",
        "ghp_QmFzZTY0T2ZBS2V5T2YzMjJCeXRlc09yTW9y",
    ];
    let (home, id) = Home::with_exa();
    let lines: &[&[&str]] = &[
        &["vault", "backup", "SECRET"],
        &["vault", "restore", "SECRET"],
        &["vault", "init", "--key-file", "SECRET"],
        &["vault", "init", "--key-file=SECRET"],
        &["vault", "SECRET"],
        &["SECRET"],
        &["check", "SECRET"],
        &["explain", "exa", "--manifest", "SECRET"],
        &["explain", "exa", "--action", "SECRET"],
        &["explain", "exa", "--action", "search", "--tool", "SECRET"],
        &["explain", "SECRET"],
        &["credentials", "import", "SECRET"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@env:VALUE", "--label", "SECRET"],
        &[
            "credentials",
            "set",
            "exa",
            "--add",
            "--set",
            "api_key=@env:VALUE",
            "--scope",
            "project",
            "--project-slug",
            "SECRET",
        ],
        &["credentials", "set", "SECRET", "--set", "api_key=@env:VALUE"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@file:SECRET"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@env:SECRET"],
        &["credentials", "set", "exa", "--add", "--set", "SECRET=@env:VALUE"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@env:VALUE", "--allow-short", "SECRET"],
        &["credentials", "update", "ID", "--label", "SECRET"],
        &["credentials", "move", "ID", "--scope", "project", "--project-slug", "SECRET", "--yes"],
        &["credentials", "move", "ID", "--scope", "user", "--user", "SECRET", "--yes"],
        &["credentials", "assign", "ID", "--action", "SECRET", "--direct"],
        &["credentials", "assign", "ID", "--action", "search", "--tool", "SECRET"],
        &["credentials", "unassign", "SECRET", "--action", "search", "--direct"],
        &["credentials", "show", "SECRET"],
        &["credentials", "discard", "SECRET", "--yes"],
        &["connect", "exa", "--field", "SECRET"],
        &["tokens", "create", "--label", "SECRET"],
        &["tokens", "create", "--organization", "SECRET"],
        &["tokens", "create", "--as-user", "SECRET"],
        &["tokens", "create", "--expires-in", "SECRET"],
        &["tokens", "revoke", "SECRET"],
        &["tokens", "revoke", "SECRET", "--organization", "acme"],
        &["audit", "--since", "SECRET"],
        &["audit", "prune", "--before", "SECRET"],
        &["completions", "SECRET"],
        &["--organization", "SECRET", "credentials", "list"],
        &["credentials", "list", "--project", "SECRET"],
    ];
    let told = |done: &support::Done| format!("{}{}", done.out, done.err);
    let refused = |run: support::Run, what: &str| {
        let done = run.done();
        assert_ne!(done.code, Some(0), "{what}: {}", told(&done));
        for piece in ["QmFzZTY0", "jJCeXRl", "MjJCeXRl"] {
            assert!(!told(&done).contains(piece), "{what}: {}", told(&done));
        }
    };
    let before = home.run(&["vault", "export", "--metadata"]).ok();
    for secret in SECRETS {
        for line in lines {
            let line: Vec<String> =
                line.iter().map(|word| word.replace("SECRET", secret).replace("ID", &id)).collect();
            for json in [false, true] {
                let run = home.run(&line).env("VALUE", "a-long-value");
                refused(if json { run.arg("--json") } else { run }, &format!("{line:?}"));
            }
        }
        for name in [
            "KEYSTROKE_HOME",
            "KEYSTROKE_VAULT_KEY_FILE",
            "KEYSTROKE_VAULT_KEYRING",
            "KEYSTROKE_STRICT_AUDIT",
        ] {
            for line in
                [&["vault", "init"][..], &["vault", "verify"], &["credentials", "list"], &["tokens", "list"]]
            {
                refused(home.run(line).env(name, secret), &format!("{name}: {line:?}"));
                refused(home.run(line).env(name, secret).arg("--json"), &format!("{name}: {line:?}"));
            }
        }
        for text in [
            format!("organization = \"{secret}\""),
            format!("manifest = \"{secret}\""),
            format!("\"{secret}\" = 1"),
            format!("user = {secret}"),
            secret.to_owned(),
        ] {
            std::fs::write(home.work().join("keystroke.toml"), &text).unwrap();
            for line in [&["explain", "exa"][..], &["check"]] {
                refused(home.run(line), &format!("{text}: {line:?}"));
            }
        }
        std::fs::remove_file(home.work().join("keystroke.toml")).unwrap();
    }
    assert_eq!(home.run(&["vault", "export", "--metadata"]).ok(), before);
    // The key where its file belongs: the fix says where it goes.
    let slip = home.run(&["vault", "verify"]).env("KEYSTROKE_VAULT_KEY_FILE", RING).refused(1);
    assert!(
        slip.message.contains("KEYSTROKE_VAULT_KEY_FILE") && slip.fix.contains("KEYSTROKE_VAULT_KEY"),
        "{slip:?}"
    );
}

#[test]
fn a_key_in_place_of_an_id_leads_to_the_ids() {
    let (home, id) = Home::with_exa();
    let one = home.run(&["credentials", "revoke", "exa"]).refused(1);
    assert!(one.fix.contains(&format!("`{id}`")), "{one:?}");
    home.run(&["credentials", "set", "exa", "--add", "--set", "api_key=@stdin"])
        .stdin("exa-secret-7Qm2vX9d")
        .ok();
    let several = home.run(&["credentials", "revoke", "exa"]).refused(1);
    assert!(several.fix.contains("`keystroke credentials list exa`"), "{several:?}");
    commands_exist(&home, &several.fix);
    // A broken file hides nothing of that: nothing here depends on it.
    std::fs::write(home.work().join("keystroke.toml"), "broken").unwrap();
    assert_eq!(home.run(&["credentials", "revoke", "exa"]).refused(1).code, "no_such_instance");
}

#[test]
fn one_fix_of_several_problems_is_told_once() {
    let home = Home::new();
    let line =
        ["credentials", "set", "new", "--set", "a=@file:x", "--set", "b=@file:y", "--set", "c=@env:NOT_SET"];
    let refused = home.run(&line).refused(1);
    assert_eq!(refused.fix.matches("regular file").count(), 1, "{refused:?}");
    assert!(refused.fix.contains("set the variable"), "{refused:?}");
    assert_eq!(refused.message.matches("cannot be read").count(), 2, "{refused:?}");
}

/// A flag that is lost would store the secret somewhere else.
#[test]
fn a_fix_that_repeats_a_command_keeps_its_flags() {
    let (home, _) = Home::with_exa();
    let flags = [
        ["--organization", "acme"],
        ["--scope", "project"],
        ["--project-slug", "research"],
        ["--label", "My key"],
        ["--allow-short", "region"],
    ];
    let mut line = vec!["credentials", "set", "brave", "--default", "--add"];
    line.extend(flags.iter().flatten());
    let set = home.run(&line).refused(2);
    let pasted = "`keystroke credentials set brave --set api_key=@env:BRAVE_API_KEY --set region=@env:BRAVE_REGION \
        --allow-short region --scope project --project-slug research --label 'My key' --organization acme --default --add`";
    assert!(set.fix.contains(pasted), "{}", set.fix);
    let mut user = vec!["credentials", "set", "brave", "--scope", "user", "--as-user", "ada"];
    assert!(home.run(&user).refused(2).fix.contains("--scope user --as-user ada`"));
    user.splice(..3, ["connect", "brave"]);
    assert!(home.run(&user).refused(1).fix.contains("--scope user --as-user ada`"));
    for (line, exit, kept) in [
        (
            &["credentials", "show", "exa-0", "--organization", "acme"][..],
            1,
            "credentials list --organization acme`",
        ),
        (
            &["credentials", "discard", "exa", "--organization", "acme"],
            1,
            "credentials list --organization acme`",
        ),
        (
            &["credentials", "unassign", "exa", "--action", "search", "--direct", "--organization", "acme"],
            1,
            "credentials assignments --organization acme`",
        ),
    ] {
        let refused = home.run(line).refused(exit);
        assert!(refused.fix.contains(kept), "{}", refused.fix);
        commands_exist(&home, &refused.fix);
    }
    let discard = ["credentials", "discard", "exa", "--organization", "default"];
    let message = home.run(&discard).refused(1).message;
    assert!(message.contains("`keystroke credentials set exa --organization default`"), "{message}");
    let done = home.run(&discard).arg("--yes").ok();
    assert!(done.contains("`keystroke credentials set exa --organization default`"), "{done}");
}
