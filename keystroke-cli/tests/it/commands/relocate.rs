//! `credentials move`: another owner, asked about before and on record after.

use crate::support::{Home, commands_exist};
use serde_json::{Value, json};

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn chosen(home: &Home, flags: &str) -> Value {
    let resolution = home.run(&words(&format!("explain exa {flags}"))).json();
    if resolution["error"].is_null() {
        resolution["chosen"]["rule"].clone()
    } else {
        resolution["error"]["code"].clone()
    }
}

#[test]
fn a_move_changes_who_finds_it_and_is_on_record() {
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "update", &id, "--default", "--label", "Shared"]).ok();
    assert_eq!(chosen(&home, "--project ops"), "R5");
    let moved = home
        .run(&words(&format!("credentials move {id} --scope project --project-slug research --yes")))
        .json();
    assert_eq!(moved["from"], json!({ "scope": "organization", "project": null, "user": null }));
    let now = &moved["instance"];
    assert_eq!(
        json!([now["id"], now["scope"], now["project"], now["label"], now["default"], now["version"]]),
        json!([id, "project", "research", "Shared", false, 2])
    );
    let told: Vec<_> =
        moved["notices"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(told.first(), Some(&"runs of projects other than research no longer find it"));
    assert!(told.iter().any(|told| told.contains("the mark does not move with it")), "{told:?}");
    told.iter().for_each(|told| commands_exist(&home, told));
    assert_eq!(chosen(&home, "--project ops"), "missing");
    assert_eq!(chosen(&home, "--project research"), "R4");
    // To a user, from keystroke.toml; then back.
    std::fs::write(home.work().join("keystroke.toml"), "user = \"ada\"\nproject = \"news\"\n").unwrap();
    home.run(&words(&format!("credentials move {id} --scope user --yes"))).ok();
    assert_eq!(chosen(&home, "--project research"), "missing");
    assert_eq!(chosen(&home, "--pin user"), "R3");
    let text = home.run(&words(&format!("credentials move {id} --scope project --yes"))).ok();
    assert_eq!(text, format!("moved `{id}` (Shared) from user ada to project news\n"));
    let audit = home.run(&["audit"]).json();
    let moves: Vec<_> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"] == "move")
        .map(|entry| json!([entry["cause"], entry["project"], entry["user"], entry["version"]]))
        .collect();
    assert_eq!(
        moves,
        [
            json!(["from organization", "research", null, 2]),
            json!(["from project research", null, "ada", 3]),
            json!(["from user ada", "news", null, 4]),
        ]
    );
    assert!(home.run(&["audit"]).ok().contains("from project"));
    home.run(&["vault", "verify"]).ok();
}

#[test]
fn without_a_terminal_it_says_what_it_would_do_and_does_nothing() {
    let (home, id) = Home::with_exa();
    home.run(&words(&format!("credentials assign {id} --action search --direct"))).ok();
    let before = home.run(&["vault", "export", "--metadata"]).ok();
    let refused = home.run(&words(&format!("credentials move {id} --scope user --user ada"))).refused(1);
    assert_eq!(
        (refused.code.as_str(), refused.fix.as_str()),
        ("unconfirmed", "run the same command with `--yes`")
    );
    for part in [
        "not confirmed: ",
        "moves from organization default to user ada",
        "only actions that are pinned to the user scope find it, in runs that act as ada",
        "it stays assigned, so only runs that act as ada are served there, and all others are refused: search, called directly, in project default",
    ] {
        assert!(refused.message.contains(part), "{refused:?}");
    }
    assert_eq!(home.run(&["vault", "export", "--metadata"]).ok(), before);
    let same = home.run(&words(&format!("credentials move {id} --scope org"))).ok();
    assert_eq!(same, format!("`{id}` belongs to organization default already; nothing was changed\n"));
    assert_eq!(home.run(&["vault", "export", "--metadata"]).ok(), before);
}

#[test]
fn what_would_not_fit_is_refused_before_anybody_is_asked() {
    let (home, id) = Home::with_exa();
    let other =
        home.run(&words("credentials set exa --set api_key=@stdin --scope project --project-slug ops"));
    let other = other.stdin("ops-secret-7Qm2vX9d").json()["instances"][0]["id"].as_str().unwrap().to_owned();
    let gone =
        home.run(&words("credentials set old --set api_key=@stdin")).stdin("old-secret-7Qm2vX9d").json();
    let gone = gone["instances"][0]["id"].as_str().unwrap().to_owned();
    home.run(&["credentials", "revoke", &gone]).ok();
    home.run(&words(&format!("credentials assign {id} --action search --tool researcher --project news")))
        .ok();
    let before = home.run(&["vault", "export", "--metadata"]).ok();
    for yes in ["", " --yes"] {
        for (line, exit, code, says) in [
            (
                format!("{id} --scope project --project-slug ops"),
                1,
                "instance_exists",
                &[other.as_str(), "--add"][..],
            ),
            (
                format!("{id} --scope project --project-slug ops --add"),
                1,
                "still_assigned",
                &["`search` (agent researcher) in the project `news`", "unassign"],
            ),
            (format!("{gone} --scope project"), 1, "revoked", &[&gone]),
            ("no-such-id --scope project".to_owned(), 1, "no_such_instance", &["no-such-id"]),
            ("exa --scope project".to_owned(), 1, "no_such_instance", &["credential key"]),
            (format!("{id} --scope user"), 2, "usage", &["--user"]),
            (format!("{id} --scope org --project-slug ops"), 2, "usage", &["--scope project"]),
            (id.clone(), 2, "usage", &["--scope"]),
            (format!("{id} --scope team"), 2, "usage", &["organization, project, user"]),
        ] {
            let refused = home.run(&words(&format!("credentials move {line}{yes}"))).refused(exit);
            assert_eq!(refused.code, code, "{line}: {refused:?}");
            for part in says {
                assert!(format!("{} {}", refused.message, refused.fix).contains(part), "{line}: {refused:?}");
            }
            commands_exist(&home, &refused.fix);
        }
    }
    // A project of another organization is another project.
    std::fs::write(
        home.work().join("keystroke.toml"),
        "organization = \"acme\"\nproject = \"ops\"\nuser = \"ada\"\n",
    )
    .unwrap();
    for (to, flag) in [("project", "`--project-slug NAME`"), ("user", "`--as-user NAME`")] {
        let line = format!("credentials move {id} --scope {to} --yes");
        let elsewhere = home.run(&words(&line)).refused(1);
        assert_eq!(elsewhere.code, "other_organization");
        assert!(elsewhere.fix.contains(flag), "{elsewhere:?}");
    }
    // An organization that is named must be the credential's, here as for every id.
    let named = format!("credentials move {id} --scope org --organization acme --yes");
    assert_eq!(home.run(&words(&named)).refused(1).code, "no_such_instance");
    std::fs::remove_file(home.work().join("keystroke.toml")).unwrap();
    assert_eq!(home.run(&["vault", "export", "--metadata"]).ok(), before);
    // Where it is wanted, there may be two.
    home.run(&words("credentials unassign exa --action search --tool researcher --project news")).ok();
    let two =
        home.run(&words(&format!("credentials move {id} --scope project --project-slug ops --add --yes")));
    let two = two.done().ok();
    assert!(
        two.err.contains("project ops now has 2 credentials for `exa` and none is the default"),
        "{two:?}"
    );
    commands_exist(&home, &two.err);
    assert_eq!(chosen(&home, "--project ops"), "ambiguous");
}

/// As `update`, `rotate` and `revoke` do: only an organization that the command line names must be the credential's.
#[test]
fn an_id_says_which_organization_it_is() {
    let (home, id) = Home::with_exa();
    std::fs::write(home.work().join("keystroke.toml"), "organization = \"acme\"\n").unwrap();
    for (to, now) in [
        ("--scope project --project-slug ops", "project ops"),
        ("--scope project --project news", "project news"),
        ("--scope user --as-user ada", "user ada"),
        ("--scope org", "organization default"),
    ] {
        let moved = home.run(&words(&format!("credentials move {id} {to} --yes"))).ok();
        assert!(moved.ends_with(&format!(" to {now}\n")), "{moved}");
    }
    for line in [
        format!("update {id} --label New"),
        format!("rotate {id} --set api_key=a-new-secret"),
        format!("revoke {id}"),
    ] {
        home.run(&words(&format!("credentials {line}"))).ok();
    }
}
