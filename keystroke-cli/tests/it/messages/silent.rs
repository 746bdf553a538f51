//! What succeeds and leaves something broken says so: a credential that no run will find, a name that nobody used before, a
//! flag without effect.

use std::fs;

use crate::support::lent::not_lent;
use crate::support::{Home, MANIFEST, Refused, commands_exist};
use serde_json::{Value, json};

/// With the manifest of the application, which pins `slack` to the user scope, and `exa` to none.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    home
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn done(home: &Home, line: &str) -> Value {
    home.run(&words(line)).stdin("a-secret-of-some-length").json()
}

fn refused(home: &Home, line: &str, exit: i32) -> Refused {
    home.run(&words(line)).stdin("a-secret-of-some-length").refused(exit)
}

fn codes(done: &Value) -> Vec<&str> {
    let notices = done["notices"].as_array().map(Vec::as_slice).unwrap_or_default();
    notices.iter().map(|one| one["code"].as_str().unwrap()).filter(|code| *code != "vault_created").collect()
}

fn id(done: &Value) -> String {
    done["instances"][0]["id"].as_str().unwrap().to_owned()
}

fn owner(done: &Value) -> Value {
    let one = &done["instances"][0];
    json!([one["scope"], one["project"], one["user"]])
}

#[test]
fn what_the_manifest_pins_is_stored_where_its_runs_look() {
    let home = home();
    let slack = "credentials set slack --set token=@stdin --manifest app.json";
    let pinned = done(&home, &format!("{slack} --user ada"));
    assert_eq!(owner(&pinned), json!(["user", null, "ada"]));
    home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin", "--manifest", "app.json"])
        .stdin("a-secret-of-some-length")
        .ok();
    home.run(&["check", "app.json", "--as-user", "ada"]).ok();
    // Nobody is guessed for whom it would be.
    let nobody = refused(&home, slack, 2);
    assert!(
        nobody.message.contains("pins it to the user scope") && nobody.fix.contains("--user NAME"),
        "{nobody:?}"
    );
    // A pin to a project, by the action alone.
    let project = MANIFEST
        .replace("\"credential\": \"exa\", \"pin\": null", "\"credential\": \"exa\", \"pin\": \"project\"");
    fs::write(home.work().join("project.json"), project).unwrap();
    let pinned =
        done(&home, "credentials set exa --set api_key=@stdin --project ops --manifest project.json");
    assert_eq!(owner(&pinned), json!(["project", "ops", null]));
    // `connect` asks for the same.
    let connect = refused(&home, "connect slack --user ada --manifest app.json", 1);
    assert!(connect.fix.contains("--manifest app.json --as-user ada`"), "{connect:?}");
}

#[test]
fn what_no_run_will_find_is_told_with_the_command_that_mends_it() {
    let home = home();
    let set = |line: &str| done(&home, &format!("credentials set {line} --manifest app.json"));
    for (line, says) in [
        ("slack --set token=@stdin --scope org --user ada", "`slack` is pinned to the user scope (`post`)"),
        (
            "slack --set token=@stdin --scope project --user ada",
            "`slack` is pinned to the user scope (`post`)",
        ),
        (
            "exa --set api_key=@stdin --scope user --user ada",
            "`exa` is not pinned (`search`), so the user scope is never searched",
        ),
    ] {
        let stored = set(line);
        let unseen =
            stored["notices"].as_array().unwrap().iter().find(|one| one["code"] == "unseen").unwrap();
        let message = unseen["message"].as_str().unwrap();
        assert!(message.contains("no run of assistant finds") && message.contains(says), "{message}");
        commands_exist(&home, message);
        let mends = message.split('`').find(|part| part.starts_with("keystroke credentials move ")).unwrap();
        home.run(&mends.split(' ').skip(1).chain(["--yes", "--add"]).collect::<Vec<_>>()).ok();
    }
    // A rotation of what nobody finds, and a move to where nobody looks.
    let out = id(&done(&home, "credentials set slack --set token=@stdin --scope org"));
    let rotated = done(&home, &format!("credentials rotate {out} --set token=@stdin --manifest app.json"));
    assert_eq!(codes(&rotated), ["unseen"]);
    fs::write(home.work().join("keystroke.toml"), "manifest = \"app.json\"\n").unwrap();
    let moved = done(&home, &format!("credentials move {out} --scope project --yes"));
    assert!(codes(&moved).contains(&"unseen"), "{moved}");
    // Where they look, nothing is said.
    assert!(!codes(&set("exa --set api_key=@stdin --scope org --add")).contains(&"unseen"));
}

#[test]
fn several_pins_need_a_word() {
    let home = home();
    let two = MANIFEST
        .replace("\"credential\": \"exa\", \"pin\": null", "\"credential\": \"exa\", \"pin\": \"project\"")
        .replace(
            "\"credential\": \"slack\", \"pin\": \"user\"",
            "\"credential\": \"exa\", \"pin\": \"user\"",
        );
    fs::write(home.work().join("two.json"), two).unwrap();
    let set = "credentials set exa --set api_key=@stdin --manifest two.json --user ada";
    let which = refused(&home, set, 2);
    assert!(which.message.contains("project (`search`) and user (`post`)"), "{which:?}");
    assert!(which.fix.contains("`--scope project` or `--scope user`"), "{which:?}");
    let both = done(&home, &format!("{set} --scope project --scope user"));
    assert_eq!(both["instances"].as_array().unwrap().len(), 2);
    assert!(!codes(&both).contains(&"unseen"), "{both}");
}

#[test]
fn a_slug_that_the_manifest_does_not_have_is_refused_with_the_nearest() {
    let home = home();
    let exa = id(&done(&home, "credentials set exa --set api_key=@stdin"));
    let before = home.run(&["vault", "export", "--metadata"]).ok();
    for (line, code, says) in [
        (format!("credentials assign {exa} --action serach --direct"), "unknown_action", "write `search`"),
        (
            format!("credentials assign {exa} --action fetch --direct"),
            "unknown_action",
            "use `search` or `post`",
        ),
        (format!("credentials assign {exa} --action post --tool x"), "unused_key", "`slack`"),
        ("explain exa --action serach --direct".to_owned(), "unknown_action", "write `search`"),
        ("explain exa --action post --tool x".to_owned(), "unused_key", "does not use `exa`"),
    ] {
        let named = refused(&home, &format!("{line} --manifest app.json"), 1);
        assert_eq!(named.code, code, "{named:?}");
        assert!(named.people.contains(says), "{named:?}");
        fs::write(home.work().join("keystroke.toml"), "manifest = \"app.json\"\n").unwrap();
        assert_eq!(refused(&home, &line, 1).code, code);
        fs::remove_file(home.work().join("keystroke.toml")).unwrap();
    }
    let slack = id(&done(&home, "credentials set slack --set token=@stdin"));
    let outside =
        refused(&home, &format!("credentials assign {slack} --action post --direct --manifest app.json"), 1);
    assert_eq!(outside.code, "outside_pin");
    commands_exist(&home, &outside.fix);
    home.run(&["credentials", "delete", &slack]).ok();
    assert_eq!(home.run(&["vault", "export", "--metadata"]).json()["assignments"], json!([]), "{before}");
    // `--tool` is the agent, and not the tool.
    let tool =
        done(&home, &format!("credentials assign {exa} --action search --tool search --manifest app.json"));
    assert_eq!(codes(&tool), ["action_as_consumer"]);
    let explained = done(&home, "explain exa --action search --tool search --manifest app.json");
    assert_eq!(codes(&explained), ["action_as_consumer"]);
}

#[test]
fn a_name_that_is_new_to_the_vault_is_told_once() {
    let home = home();
    let project = |name: &str| {
        format!("credentials set exa --set api_key=@stdin --scope project --project-slug {name} --add")
    };
    let message = |done: &Value| {
        done["notices"].as_array().unwrap().last().unwrap()["message"].as_str().unwrap().to_owned()
    };
    let first = done(&home, &project("research"));
    assert_eq!(codes(&first), ["new_project"]);
    assert_eq!(message(&first), "the project `research` is new to this vault");
    assert!(codes(&done(&home, &project("research"))).iter().all(|code| *code == "ambiguous"));
    let slip = done(&home, &project("reserach"));
    assert_eq!(
        message(&slip),
        "the project `reserach` is new to this vault; the nearest one it knows is `research`"
    );
    // Users, organizations, moves, imports, assignments and tokens alike.
    let shared = id(&done(&home, "credentials set exa --set api_key=@stdin"));
    fs::write(home.work().join(".env"), "EXA_API_KEY=a-secret-of-some-length\n").unwrap();
    for (line, told) in [
        ("credentials set slack --set token=@stdin --scope user --user ada".to_owned(), &["new_user"][..]),
        ("credentials set slack --set token=@stdin --scope user --user adda".to_owned(), &["new_user"]),
        ("credentials set slack --set token=@stdin --organization acme".to_owned(), &["new_organization"]),
        ("credentials import .env --map EXA_API_KEY=brave.api_key --scope project --project-slug new-1 --yes".to_owned(), &["new_project", "still_in_file"]),
        (format!("credentials assign {shared} --action search --direct --project new-2"), &["new_project"]),
        (format!("credentials assign {shared} --action search --tool researcher --project research"), &[]),
        (format!("credentials assign {shared} --action search --tool resercher --project research"), &["new_consumer"]),
        ("explain exa --action search --tool researche --project research".to_owned(), &["new_consumer"]),
        (format!("credentials move {shared} --scope user --user nobody --yes"), &["effect", "effect", "new_user"]),
        ("tokens create --project new-3".to_owned(), &["new_project"]),
        ("tokens create --project new-3".to_owned(), &[]),
        ("tokens create --project new-4 --user bob".to_owned(), &["new_project", "new_user"]),
        ("tokens create --project new-4 --user bob".to_owned(), &[]),
        ("credentials set brave --set api_key=@stdin --scope project --project-slug new-4".to_owned(), &[]),
        ("tokens create --project research --user ada".to_owned(), &[]),
    ] {
        let done = done(&home, &line);
        let told_now: Vec<&str> = codes(&done).into_iter().filter(|code| !["token_created", "exposed_file"].contains(code)).collect();
        assert_eq!(told_now, told, "{line}: {done}");
    }
    // What is gone from the vault is in its record, and was known. What was only refused or absent is not.
    let gone = done(&home, "credentials set gone --set api_key=@stdin --scope project --project-slug old-1");
    home.run(&["credentials", "delete", &id(&gone), "--yes"]).ok();
    not_lent(&home, "old-2");
    let rows = done(&home, "audit --project old-2");
    let mut events: Vec<_> =
        rows["entries"].as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
    events.sort_unstable();
    assert_eq!(events, ["absent", "refused"]);
    for (line, told) in
        [("tokens create --project old-1", &[][..]), ("tokens create --project old-2", &["new_project"])]
    {
        let done = done(&home, line);
        let told_now: Vec<&str> = codes(&done).into_iter().filter(|code| *code != "token_created").collect();
        assert_eq!(told_now, told, "{line}: {done}");
    }
    // The names that nobody types are no news where there are no others.
    let quiet = self::home();
    assert_eq!(codes(&done(&quiet, "credentials set exa --set api_key=@stdin --scope project")), [""; 0]);
}

#[test]
fn a_revoked_default_is_told_by_whatever_leaves_it_in_the_way() {
    let home = home();
    let set = "credentials set exa --set api_key=@stdin --organization acme";
    let first = id(&done(&home, &format!("{set} --default")));
    done(&home, &format!("credentials revoke {first}"));
    let second = done(&home, &format!("{set} --add"));
    assert_eq!(codes(&second), ["revoked_default"]);
    let message = second["notices"][0]["message"].as_str().unwrap();
    assert!(message.contains(&format!("`{first}`")) && message.contains(&id(&second)), "{message}");
    let explain = |home: &Home| done(home, "explain exa --organization acme")["error"]["code"].clone();
    assert_eq!(explain(&home), "revoked");
    let mends = message.split('`').find(|part| part.starts_with("keystroke credentials update ")).unwrap();
    home.run(&mends.split(' ').skip(1).collect::<Vec<_>>()).ok();
    assert_eq!(explain(&home), Value::Null);
    // The other way: the mark is taken away, and the only one is used.
    let (home, first) = Home::with_exa();
    done(&home, &format!("credentials update {first} --default"));
    let other = id(&done(&home, "credentials set exa --set api_key=@stdin --add"));
    let revoked = done(&home, &format!("credentials revoke {first}"));
    assert_eq!(codes(&revoked), ["revoked_default"]);
    assert!(revoked["notices"][0]["message"].as_str().unwrap().contains(&other));
    let update = done(&home, &format!("credentials update {first} --no-default"));
    assert_eq!((codes(&update).len(), &update["instance"]["default"]), (0, &json!(false)));
    assert_eq!(done(&home, "explain exa")["chosen"]["instance"]["id"], json!(other));
    // What stands in nobody's way is not told.
    assert_eq!(codes(&done(&home, &format!("credentials revoke {other}"))), [""; 0]);
}

#[test]
fn a_mark_and_a_label_can_be_taken_away() {
    let (home, id) = Home::with_exa();
    done(&home, &format!("credentials update {id} --label Shared --default"));
    let update = |flags: &str| done(&home, &format!("credentials update {id} {flags}"));
    let none = update("--no-label");
    assert_eq!((&none["instance"]["label"], &none["instance"]["default"]), (&Value::Null, &json!(true)));
    let both = update("--label New --no-default");
    assert_eq!((&both["instance"]["label"], &both["instance"]["default"]), (&json!("New"), &json!(false)));
    let text = home.run(&words(&format!("credentials update {id} --no-default --no-label"))).ok();
    assert_eq!(text, format!("updated `{id}`, no longer the default of organization default\n"));
    for flags in ["--label New --no-label", "--default --no-default", ""] {
        refused(&home, format!("credentials update {id} {flags}").trim_end(), 2);
    }
    // Of several the mark was what told them apart.
    update("--default");
    done(&home, "credentials set exa --set api_key=@stdin --add");
    assert_eq!(codes(&update("--no-default")), ["ambiguous"]);
    home.run(&["vault", "verify"]).ok();
}

#[test]
fn lists_show_what_their_flags_say() {
    let home = home();
    for line in [
        "exa --set api_key=@stdin --scope org --scope project --project-slug a --project-slug b --scope user --user ada",
        "slack --set token=@stdin --scope project --project-slug a",
    ] {
        done(&home, &format!("credentials set {line}"));
    }
    let gone = id(&done(&home, "credentials set old --set api_key=@stdin"));
    done(&home, &format!("credentials revoke {gone}"));
    let owners = |flags: &str| {
        let list = done(&home, format!("credentials list {flags}").trim_end());
        assert_eq!(codes(&list), [""; 0]);
        let all = list["instances"].as_array().unwrap();
        let name = |one: &Value| {
            let owner = one["project"].as_str().or(one["user"].as_str()).unwrap_or("-").to_owned();
            format!("{} {owner}", one["key"].as_str().unwrap())
        };
        all.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    for (flags, shown) in [
        ("", "exa -, exa a, exa b, exa ada, old -, slack a"),
        ("--project a", "exa a, slack a"),
        ("--project a exa", "exa a"),
        ("--user ada", "exa ada"),
        ("--project b --user ada", "exa b, exa ada"),
        ("--scope org", "exa -, old -"),
        ("--scope user --scope project exa", "exa a, exa b, exa ada"),
        ("--status revoked", "old -"),
        ("--status active --scope org", "exa -"),
        ("--kind api_key --status needs_reconnect", ""),
        ("--kind keystroke", ""),
        ("--kind oauth", ""),
        ("--kind oauth_managed --kind api_key exa --scope org", "exa -"),
        ("--project c", ""),
    ] {
        assert_eq!(owners(flags), shown, "{flags}");
    }
    let none = home.run(&words("credentials list --project c")).ok();
    assert_eq!(none, "no credentials in the organization `default` that these flags let through, of 6\n");
    // `keystroke.toml` says where one works, and hides nothing.
    fs::write(home.work().join("keystroke.toml"), "project = \"a\"\n").unwrap();
    assert_eq!(owners("exa"), "exa -, exa a, exa b, exa ada");
    let events = |flags: &str| done(&home, &format!("audit {flags}"))["entries"].as_array().unwrap().len();
    assert_eq!((events("--project a"), events("--user ada"), events("--project c")), (2, 1, 0));
}

#[test]
fn a_flag_without_effect_is_told() {
    let (home, id) = Home::with_exa();
    let set = "credentials set slack --set token=@stdin --add";
    for (line, flags) in [
        (format!("{set} --project research"), &["--project research"][..]),
        (format!("{set} --user ada"), &["--as-user ada"]),
        (format!("{set} --scope project --project research"), &[]),
        (format!("{set} --scope project --project-slug ops --project research"), &["--project research"]),
        (format!("credentials show {id} --project research"), &["--project"]),
        (
            format!("credentials update {id} --label New --project research --user ada"),
            &["--project", "--as-user"],
        ),
        ("vault verify --organization acme".to_owned(), &["--organization"]),
        ("credentials assignments --user ada".to_owned(), &["--as-user"]),
        (format!("credentials show {id} --organization default"), &[]),
        ("explain exa --organization default --project x --user ada".to_owned(), &[]),
        ("audit --organization default --project x --user ada".to_owned(), &[]),
    ] {
        let done = done(&home, &line);
        let notices = done["notices"].as_array().cloned().unwrap_or_default();
        let told: Vec<&str> = notices
            .iter()
            .filter(|one| one["code"] == "no_effect")
            .map(|one| one["message"].as_str().unwrap())
            .collect();
        assert_eq!(told.len(), flags.len(), "{line}: {told:?}");
        for (told, flag) in told.iter().zip(flags) {
            assert!(told.starts_with(&format!("`{flag}` has no effect")), "{line}: {told}");
        }
    }
}

/// A warning would come after the end of what somebody wanted to keep.
#[test]
fn what_cannot_be_undone_is_refused_with_a_flag_without_effect() {
    let (home, id) = Home::with_exa();
    home.run(&["tokens", "create"]).ok();
    let token = home.run(&["tokens", "list"]).json()["tokens"][0]["id"].as_str().unwrap().to_owned();
    home.run(&["vault", "backup", "backup"]).ok();
    let before = home.files();
    for (line, flags) in [
        (format!("credentials revoke {id} --project research"), &["--project"][..]),
        (format!("credentials delete {id} --yes --user ada"), &["--as-user"]),
        ("credentials discard exa --yes --project x --user ada".to_owned(), &["--project", "--as-user"]),
        (format!("tokens revoke {token} --project research"), &["--project"]),
        ("audit prune --before 1s --organization acme".to_owned(), &["--organization"]),
        ("vault restore backup --yes --organization acme".to_owned(), &["--organization"]),
    ] {
        let refused = home.run(&words(&line)).refused(2);
        assert_eq!(refused.code, "usage");
        for flag in flags {
            assert!(refused.message.contains(&format!("`{flag}` has no effect")), "{line}: {refused:?}");
            assert!(refused.fix.contains(&format!("leave out `{flag}`")), "{line}: {refused:?}");
        }
    }
    // The organization has one: the credential must be of it.
    for line in [format!("credentials revoke {id}"), format!("credentials delete {id} --yes")] {
        let line = format!("{line} --organization acme");
        assert_eq!(home.run(&words(&line)).refused(1).code, "no_such_instance");
    }
    assert_eq!(
        home.run(&words("credentials discard exa --yes --organization acme")).refused(1).code,
        "nothing_to_discard"
    );
    assert_eq!(home.files(), before);
    // What `keystroke.toml` says is not a flag.
    fs::write(home.work().join("keystroke.toml"), "project = \"research\"\n").unwrap();
    home.run(&words(&format!("credentials revoke {id} --organization default"))).ok();
}

#[test]
fn only_what_a_slip_of_the_pen_makes_is_suggested() {
    let home = home();
    for (line, is_like) in [
        ("credentials revoke x --reason leaked", None),
        ("credentials list --since 2h", None),
        ("credentials list --jsno", Some("'--json'")),
        ("credentials list --org acme", Some("'--organization'")),
        ("credentials set exa --add-short x", None),
        ("credentials lst", Some("'list'")),
        ("credentials get", Some("'set'")),
        ("credentials search", None),
        ("explain exa --origin schedul", Some("'schedule'")),
        ("explain exa --origin cron", None),
    ] {
        let refused = refused(&home, line, 2);
        assert!(refused.people.contains("tip: "), "{line}: {}", refused.people);
        match is_like {
            Some(name) => assert!(refused.fix.contains(name), "{line}: {refused:?}"),
            None => assert!(!refused.people.contains("similar"), "{line}: {refused:?}"),
        }
        assert!(!refused.fix.contains('<'), "a shell would read a redirection: {refused:?}");
    }
}

#[test]
fn a_map_is_suggested_only_where_it_would_be_taken() {
    let home = home();
    fs::write(
        home.work().join(".env"),
        "EXA_API_KEY=a-secret-of-some-length\nDATABASE_URL=postgres-of-some-length\n",
    )
    .unwrap();
    let import = "credentials import .env --manifest app.json";
    let plan = refused(&home, import, 1);
    assert!(plan.message.contains("not imported: `DATABASE_URL`"), "{plan:?}");
    assert!(!plan.message.contains("database.url"), "the manifest has no such key: {plan:?}");
    assert!(plan.message.contains("of `exa.api_key`, `exa.port` or `slack.token`"), "{plan:?}");
    // Without one nothing is known, and any may be meant.
    let plan = refused(&home, "credentials import .env --map EXA_API_KEY=exa.api_key", 1);
    assert!(plan.message.contains("such as `--map DATABASE_URL=database.url`"), "{plan:?}");
    // The field alone leads to its variable.
    let alone = refused(&home, &format!("{import} --map database.url"), 2);
    assert_eq!(alone.fix, "say which variable it is, such as `--map DATABASE_URL=database.url`");
    fs::write(home.work().join(".env"), "DATABASE_URL=postgres-of-some-length\n").unwrap();
    let nothing = refused(&home, import, 1);
    assert_eq!(nothing.code, "nothing_to_import");
    assert!(!nothing.fix.contains("database.url") && nothing.fix.contains("`exa.api_key`"), "{nothing:?}");
}

#[test]
fn a_slip_in_a_name_is_told_where_something_is_looked_up() {
    let home = home();
    done(&home, "credentials set exa --set api_key=@stdin --scope project --project research");
    done(&home, "credentials set slack --set token=@stdin --scope user --user ada.lovelace");
    for line in [
        "explain exa --project reserch",
        "credentials list --project reserch",
        "credentials assignments --project reserch",
        "audit --project reserch",
    ] {
        assert_eq!(codes(&done(&home, line)), ["new_project"], "{line}");
        assert_eq!(codes(&done(&home, &line.replace("reserch", "another"))), [""; 0], "{line}");
    }
    for line in
        ["explain slack --pin user --as-user ada.lovelance", "credentials list --as-user ada.lovelance"]
    {
        assert_eq!(codes(&done(&home, line)), ["new_user"], "{line}");
    }
    let check = home.run(&["check", "app.json", "--project", "reserch"]).done();
    assert!(check.err.contains("the nearest one it knows is `research`"), "{}", check.err);
}

#[cfg(unix)]
#[test]
fn settings_that_are_a_link_to_nothing_are_not_passed_over() {
    let home = home();
    std::os::unix::fs::symlink("moved.toml", home.work().join("keystroke.toml")).unwrap();
    let refused = refused(&home, "credentials set exa --set api_key=@stdin", 1);
    assert!(refused.message.contains("a link to a file that does not exist"), "{}", refused.message);
}

#[test]
fn a_random_word_in_the_place_of_a_name_is_not_repeated() {
    let home = home();
    const SECRET: &str = "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY";
    let id = id(&done(&home, "credentials set exa --set api_key=@stdin"));
    for (line, exit) in [
        (format!("credentials set exa --add --set {SECRET}=@stdin"), 2),
        (format!("credentials assign {id} --action {SECRET} --direct"), 1),
        (format!("credentials unassign exa --action {SECRET} --direct"), 1),
        (format!("credentials unassign exa --action search --tool {SECRET}"), 1),
        (format!("audit --key {SECRET}"), 1),
    ] {
        let refused = refused(&home, &line, exit);
        let all = format!("{}{}", refused.message, refused.fix).replace('-', "").to_lowercase();
        assert!(!all.contains("wjalr") && !all.contains("examplekey"), "{line}: {all}");
    }
}
