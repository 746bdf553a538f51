//! The program as a whole: what each command does, what each refusal says, and the shape of its JSON.

use crate::support::{self, Home, MANIFEST, commands_exist};
use keystroke_core::{CredentialKind, Instance};
use keystroke_vault::{Add, Vault};
use serde_json::{Value, json};

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const RECORD: [&str; 18] = [
    "account",
    "created_at",
    "default",
    "expires_at",
    "fields",
    "granted",
    "id",
    "key",
    "kind",
    "label",
    "organization",
    "project",
    "scope",
    "status",
    "updated_at",
    "used_by",
    "user",
    "version",
];

#[test]
fn version_is_told_and_no_command_is_wrong_usage() {
    let home = Home::new();
    assert_eq!(home.run(&["--version"]).ok(), format!("keystroke {}\n", env!("CARGO_PKG_VERSION")));
    let nothing = home.run::<&str>(&[]).done();
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(2), ""));
    assert!(nothing.err.contains("Usage:"));
}

#[test]
fn set_fans_out_to_every_scope_or_to_none() {
    let home = Home::new();
    let line = "credentials set exa --set api_key=@stdin --scope org --scope project --project-slug a --project-slug b --scope user --user ada --label Shared --default";
    let line: Vec<&str> = line.split(' ').collect();
    let set = home.run(&line).stdin("exa-secret-7Qm2vX9d").json();
    assert_eq!(names(&set), ["instances", "notices"]);
    assert_eq!(set["notices"][0]["code"], "vault_created");
    let owners: Vec<_> = set["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| json!([i["scope"], i["project"], i["user"]]))
        .collect();
    assert_eq!(
        json!(owners),
        json!([
            ["organization", null, null],
            ["project", "a", null],
            ["project", "b", null],
            ["user", null, "ada"]
        ])
    );
    for instance in set["instances"].as_array().unwrap() {
        assert_eq!(names(instance), RECORD);
        assert_eq!((&instance["label"], &instance["default"]), (&json!("Shared"), &json!(true)));
        assert_eq!(instance["fields"], json!(["api_key"]));
    }
    let partly = [
        "credentials",
        "set",
        "exa",
        "--set",
        "api_key=@stdin",
        "--scope",
        "project",
        "--project-slug",
        "c",
        "--project-slug",
        "b",
    ];
    assert_eq!(home.run(&partly).stdin("exa-secret-7Qm2vX9d").refused(1).code, "instance_exists");
    // Whichever of them it is that fails: the first ones were in the transaction already.
    for last in [
        "--scope project --project-slug aa --project-slug b",
        "--scope project --project-slug aa --scope user --user ada",
        "--scope project --project-slug aa --scope organization",
    ] {
        let line = format!("credentials set exa --set api_key=@stdin {last}");
        let refused = home.run(&line.split(' ').collect::<Vec<_>>()).stdin("exa-secret-7Qm2vX9d").refused(1);
        assert_eq!(refused.code, "instance_exists", "{last}");
    }
    assert_eq!(home.run(&["credentials", "list"]).json()["instances"].as_array().unwrap().len(), 4);
    let audit = home.run(&["audit"]).json();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 5, "what is refused is no event");
}

/// Every form of `--set`, to the value that an action is lent.
#[test]
fn what_is_set_is_lent_less_one_line_end() {
    let home = Home::new();
    std::fs::write(home.work().join("key"), "from a file\n\n").unwrap();
    let line =
        ["credentials", "set", "exa", "--set", "a=@env:A", "--set", "b=@file:key", "--set", "c=@stdin"];
    let done = home.run(&line).arg("--set").arg("d=@@ as it is").env("A", "from the environment\r\n");
    let done = done.stdin(" from stdin \n").done().ok();
    assert_eq!(
        support::lent::lent(&home),
        ["from the environment", "from a file\n", " from stdin ", "@ as it is"]
    );
    assert_eq!(done.err.matches("typed into the command").count(), 1, "{}", done.err);
    assert!(done.err.contains("the value of `d` was typed into the command"), "{}", done.err);
}

/// A second one without a mark takes the first one from the runs that used it.
#[test]
fn a_second_one_is_told_as_what_it_makes_of_the_first() {
    let (home, _) = Home::with_exa();
    let add = |flags: &[&str]| {
        let line = [&["credentials", "set", "exa", "--set", "api_key=@stdin", "--add"], flags].concat();
        home.run(&line).stdin("exa-secret-7Qm2vX9d").done().ok().err
    };
    let told = add(&[]);
    assert!(told.contains("organization default now has 2 credentials for `exa` and none is"), "{told}");
    assert_eq!(home.run(&["explain", "exa"]).json()["error"]["code"], "ambiguous");
    assert!(told.contains("`keystroke credentials update exa-"), "{told}");
    commands_exist(&home, &told);
    // With a mark all is well, wherever it is; and so it is with one that is alone, or with dead neighbours.
    assert_eq!(add(&["--default"]), "");
    assert_eq!(add(&[]), "");
    assert_eq!(add(&["--scope", "project"]), "");
    assert!(home.run(&["explain", "exa", "--pin", "organization"]).json()["error"].is_null());
}

#[test]
fn a_missing_word_is_named_for_programs_too() {
    let home = Home::new();
    let refused = home.run(&["credentials", "set"]).refused(2);
    assert_eq!(refused.fix, "add what is missing: keystroke credentials set --json KEY");
    // People get the help of the command then.
    let command = home.run(&["credentials", "--json"]).done();
    assert_eq!((command.code, command.out.as_str()), (Some(2), ""));
    let value: Value = serde_json::from_str(&command.err).unwrap();
    let message = value["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("'keystroke credentials' requires a subcommand"), "{message}");
}

#[test]
fn show_tells_who_uses_it() {
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "assign", &id, "--action", "search", "--tool", "researcher"]).ok();
    home.run(&["credentials", "assign", &id, "--action", "search", "--direct", "--project", "news"]).ok();
    let show = home.run(&["credentials", "show", &id]).ok();
    let (_, used_by) = show.split_once("used by       ").unwrap();
    assert_eq!(
        used_by,
        "search, as a tool of the agent researcher, in project default\n              search, called directly, in project news\n"
    );
}

#[test]
fn json_of_each_command_has_its_documented_shape() {
    let home = Home::new();
    let init = home.run(&["vault", "init"]).json();
    assert_eq!(names(&init), ["audit", "key", "vault"]);
    assert_eq!(names(&init["key"]), ["created", "file", "id", "source"]);
    let set = home.run(&["credentials", "set", "exa", "--set", "api_key=inline-secret-7Qm2vX9d"]).json();
    assert_eq!(names(&set), ["instances", "notices"]);
    assert_eq!(names(&set["notices"][0]), ["code", "message"]);
    assert_eq!(set["notices"][0]["code"], "inline_secret");
    let id = set["instances"][0]["id"].as_str().unwrap();

    let assign =
        home.run(&["credentials", "assign", id, "--action", "search", "--tool", "researcher"]).json();
    let place = json!({ "organization": "default", "project": "default", "consumer": { "agent": "researcher" }, "action": "search", "key": "exa", "instance": id });
    assert_eq!(assign, json!({ "assignment": place }));
    assert_eq!(home.run(&["credentials", "assignments"]).json(), json!({ "assignments": [place] }));
    let list = home.run(&["credentials", "list"]).json();
    assert_eq!(names(&list), ["instances"]);
    assert_eq!(list["instances"][0]["used_by"][0]["consumer"], json!({ "agent": "researcher" }));
    let show = home.run(&["credentials", "show", id]).json();
    assert_eq!(show, json!({ "instance": list["instances"][0] }));

    let unassign =
        home.run(&["credentials", "unassign", "exa", "--action", "search", "--tool", "researcher"]).json();
    assert_eq!(names(&unassign["unassigned"]), ["action", "consumer", "key", "organization", "project"]);
    for (line, field, value) in [
        (&["credentials", "update", id, "--label", "New", "--default"][..], "label", json!("New")),
        (&["credentials", "rotate", id, "--set", "api_key=@stdin"], "version", json!(2)),
        (&["credentials", "revoke", id], "status", json!("revoked")),
    ] {
        let changed = home.run(line).stdin("another-secret-7Qm2vX9d").json();
        assert_eq!(names(&changed), ["instance"]);
        assert_eq!(names(&changed["instance"]), RECORD);
        assert_eq!(changed["instance"][field], value);
    }
    let explain = home.run(&["explain", "exa"]).json();
    assert_eq!(names(&explain), ["absent", "chosen", "error", "key", "pin", "steps"]);
    assert_eq!(explain["error"]["code"], "revoked");
    let delete = home.run(&["credentials", "delete", id]).json();
    assert_eq!(names(&delete["deleted"]["instance"]), RECORD);
    let audit = home.run(&["audit"]).json();
    let events: Vec<_> =
        audit["entries"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["init", "set", "assign", "unassign", "update", "rotate", "revoke", "delete"]);
    let verify = home.run(&["vault", "verify"]).json();
    assert_eq!(names(&verify), ["assignments", "audit_entries", "groups", "instances", "vault"]);
    assert_eq!(verify["audit_entries"], 8);
}

#[test]
fn rotate_keeps_id_label_and_the_other_fields() {
    let home = Home::new();
    let set = home.run(&[
        "credentials",
        "set",
        "aws",
        "--set",
        "id=@env:ID",
        "--set",
        "secret=@stdin",
        "--label",
        "Main",
    ]);
    let before = set.env("ID", "first-id").stdin("first-secret-7Qm2vX9d").json()["instances"][0].clone();
    let id = before["id"].as_str().unwrap();
    let after = home
        .run(&["credentials", "rotate", id, "--set", "secret=@stdin"])
        .stdin("second-secret-7Qm2vX9d")
        .json()["instance"]
        .clone();
    assert_eq!(
        (&after["id"], &after["label"], &after["version"]),
        (&before["id"], &before["label"], &json!(2))
    );
    assert_eq!(after["fields"], json!(["id", "secret"]));
    let typo = home
        .run(&["credentials", "rotate", id, "--set", "secrte=@stdin"])
        .stdin("third-secret-7Qm2vX9d")
        .done()
        .ok();
    assert!(typo.err.contains("no field `secrte` before, only `id`, `secret`"), "{}", typo.err);
    commands_exist(&home, &typo.err);
    let undo = home.run(&["credentials", "rotate", id, "--unset", "secrte"]).ok();
    assert!(undo.contains("to version 4, without `secrte`"), "{undo}");
    let now = home.run(&["credentials", "show", id]).json()["instance"]["fields"].clone();
    assert_eq!(now, json!(["id", "secret"]));
    // Both at once, and nothing that is not there.
    let both = ["credentials", "rotate", id, "--unset", "id", "--set", "key=@stdin"];
    let both = home.run(&both).stdin("a-new-secret-7Qm2vX9d").json();
    assert_eq!(
        (&both["instance"]["fields"], &both["notices"][0]["code"]),
        (&json!(["key", "secret"]), &json!("new_field"))
    );
    for (unset, set) in [("secrte", "key=value-value"), ("key", "key=value-value")] {
        home.run(&["credentials", "rotate", id, "--unset", unset, "--set", set])
            .done()
            .code
            .filter(|code| *code > 0)
            .unwrap();
    }
    let all = home.run(&["credentials", "rotate", id, "--unset", "key", "--unset", "secret"]).refused(1);
    assert_eq!(all.code, "invalid_text");
}

#[test]
fn explain_follows_project_then_organization() {
    let (home, organization) = Home::with_exa();
    let chosen = |home: &Home, line: &[&str]| {
        let resolution = home.run(line).json();
        (resolution["chosen"]["rule"].clone(), resolution["chosen"]["instance"]["id"].clone())
    };
    assert_eq!(
        chosen(&home, &["explain", "exa", "--project", "research"]),
        (json!("R5"), json!(organization))
    );
    let own = home.run(&[
        "credentials",
        "set",
        "exa",
        "--set",
        "api_key=@stdin",
        "--scope",
        "project",
        "--project-slug",
        "research",
    ]);
    let own = own.stdin("own-secret-7Qm2vX9d").json()["instances"][0]["id"].clone();
    assert_eq!(chosen(&home, &["explain", "exa", "--project", "research"]), (json!("R4"), own.clone()));
    assert_eq!(chosen(&home, &["explain", "exa", "--project", "other"]), (json!("R5"), json!(organization)));
    assert_eq!(
        chosen(&home, &["explain", "exa", "--project", "research", "--pin", "org"]),
        (json!("R3"), json!(organization))
    );

    home.run(&[
        "credentials",
        "assign",
        &organization,
        "--action",
        "search",
        "--tool",
        "researcher",
        "--project",
        "research",
    ])
    .ok();
    let as_tool = ["explain", "exa", "--project", "research", "--action", "search", "--tool", "researcher"];
    assert_eq!(chosen(&home, &as_tool), (json!("R2"), json!(organization)));

    home.run(&["credentials", "revoke", own.as_str().unwrap()]).ok();
    let text = home.run(&["explain", "exa", "--project", "research", "--organization", "default"]).ok();
    assert!(text.starts_with("exa: R4 project: revoked → error `revoked`\n"), "{text}");
    let store = "\nfix: run `keystroke credentials set exa --set FIELD=@stdin --scope project --project-slug research --organization default --add`\n";
    assert!(text.ends_with(store), "{text}");

    for line in [
        &["explain", "exa", "--project", "research"][..],
        &["explain", "slack"],
        &["explain", "slack", "--action", "post", "--step", "digest", "--pin", "project"],
        &["explain", "slack", "--pin", "user", "--user", "ada"],
    ] {
        let resolution = home.run(line).json();
        commands_exist(&home, resolution["error"]["fix"].as_str().unwrap());
    }
    let missing = home.run(&["explain", "slack", "--origin", "gateway", "--pin", "user"]).json();
    assert_eq!(missing["error"]["code"], "no_user");
    // Explaining opens nothing and records nothing.
    let audit = home.run(&["audit"]).json();
    assert!(
        audit["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| !["open", "use", "refused"].contains(&entry["event"].as_str().unwrap()))
    );
}

#[test]
fn audit_is_filtered_by_key_time_count_and_organization() {
    let (home, _) = Home::with_exa();
    home.run(&["--organization", "acme", "credentials", "set", "slack", "--set", "token=@stdin"])
        .stdin("slack-secret-7Qm2vX9d")
        .ok();
    let events = |line: &[&str]| home.run(line).json()["entries"].as_array().unwrap().len();
    assert_eq!(events(&["audit"]), 3);
    assert_eq!(events(&["audit", "--key", "slack"]), 1);
    assert_eq!(events(&["audit", "--limit", "2"]), 2);
    assert_eq!(events(&["audit", "--limit", "2", "--organization", "acme"]), 1);
    assert_eq!(events(&["audit", "--since", "2h"]), 3);
    assert_eq!(events(&["audit", "--since", "2999-01-01T00:00:00Z"]), 0);
    assert_eq!(home.run(&["audit", "--key", "none"]).ok(), "no audit entries\n");
}

#[test]
fn assigning_a_users_own_credential_says_who_can_use_it() {
    let home = Home::new();
    let set = ["credentials", "set", "slack", "--set", "token=@stdin", "--scope", "user", "--user", "ada"];
    let set = home.run(&set).stdin("slack-secret-7Qm2vX9d").json();
    let id = set["instances"][0]["id"].as_str().unwrap();
    let assign = ["credentials", "assign", id, "--action", "post", "--tool", "writer", "--project", "news"];
    let notices = home.run(&assign).json()["notices"].clone();
    assert_eq!(notices[0]["code"], "user_instance");
    let told = home.run(&assign).done().ok().err;
    assert!(told.contains(notices[0]["message"].as_str().unwrap()), "{told}");
    for part in ["only runs that act as ada", "all other runs", "post", "writer", "news", "refused"] {
        assert!(told.contains(part), "{told}");
    }
    // It is as it says.
    let explain = ["explain", "slack", "--action", "post", "--tool", "writer", "--project", "news", "--user"];
    assert_eq!(home.run(&explain).arg("ada").json()["chosen"]["rule"], "R2");
    assert_eq!(home.run(&explain).arg("bob").json()["chosen"], Value::Null);
    let (home, shared) = Home::with_exa();
    let assign = ["credentials", "assign", &shared, "--action", "search", "--direct"];
    assert_eq!(home.run(&assign).done().ok().err, "");
}

#[test]
fn revoking_says_that_it_is_final_and_what_it_breaks() {
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "assign", &id, "--action", "search", "--tool", "researcher"]).ok();
    home.run(&["credentials", "assign", &id, "--action", "search", "--direct"]).ok();
    let text = home.run(&["credentials", "revoke", &id]).ok();
    for part in ["for good", "refused from now on", "agent researcher", "search, called directly"] {
        assert!(text.contains(part), "{text}");
    }
}

/// What a slip puts around a value, by each way in: it is refused, or stored and told.
#[test]
fn what_is_odd_about_a_value_is_told_by_whatever_way_it_comes() {
    let home = Home::new();
    let codes = |set: &Value| -> Vec<String> {
        let notices = set["notices"].as_array().into_iter().flatten();
        notices
            .map(|notice| notice["code"].as_str().unwrap().to_owned())
            .filter(|code| code != "vault_created")
            .collect()
    };
    for (bytes, told) in [
        (&b"exa-7Qm2vX9dLp\n"[..], 0),
        (b"\xef\xbb\xbfexa-7Qm2vX9dLp\n", 1),
        (b" exa-7Qm2vX9dLp", 1),
        (b"exa-7Qm2vX9dLp \n", 1),
        (b"exa-7Qm2vX9dLp\n\n", 1),
    ] {
        std::fs::write(home.work().join("key"), bytes).unwrap();
        let text = std::str::from_utf8(bytes).unwrap();
        for source in ["@stdin", "@file:key", "@env:KEY"] {
            let set =
                ["credentials", "set", "exa", "--add", "--default", "--set", &format!("api_key={source}")];
            let set = home.run(&set).env("KEY", text).stdin(bytes).json();
            assert_eq!(codes(&set), vec!["unusual_value"; told], "{bytes:?} by {source}: {set}");
        }
    }
    // Text in UTF-16, with and without its mark, and a NUL.
    for bytes in [&b"\xff\xfek\0e\0y\0-\0e\0x\0a\0"[..], b"k\0e\0y\0-\0e\0x\0a\0", b"key-exa\0key"] {
        std::fs::write(home.work().join("key"), bytes).unwrap();
        for source in ["@stdin", "@file:key"] {
            let set = ["credentials", "set", "exa", "--add", "--set", &format!("api_key={source}")];
            let refused = home.run(&set).stdin(bytes).refused(1);
            assert!(refused.code == "value" && refused.fix.contains("UTF-8"), "{bytes:?}: {refused:?}");
        }
    }
}

#[test]
fn a_line_end_is_kept_where_it_is_asked_for_by_name() {
    let home = Home::new();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n";
    std::fs::write(home.work().join("id_ed25519"), key).unwrap();
    let set = ["credentials", "set", "deploy", "--set", "key=@file:id_ed25519"];
    let told = home.run(&set).json();
    assert!(told["notices"].to_string().contains("`--keep-line-end` keeps it"), "{told}");
    let id = told["instances"][0]["id"].as_str().unwrap();
    let rotate = ["credentials", "rotate", id, "--set", "key=@file:id_ed25519", "--keep-line-end", "key"];
    assert_eq!(home.run(&rotate).json()["notices"], Value::Null);
    for line in [
        &["credentials", "set", "deploy", "--set", "key=@file:id_ed25519", "--keep-line-end", "kye"][..],
        &["credentials", "rotate", id, "--set", "key=@file:id_ed25519", "--keep-line-end", "kye"],
    ] {
        assert!(
            home.run(line)
                .refused(2)
                .message
                .contains("`--keep-line-end` names a field that is not set here")
        );
    }
}

#[test]
fn a_plain_field_may_be_typed_into_the_command() {
    let home = Home::new();
    std::fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    let line = ["credentials", "set", "exa", "--manifest", "app.json", "--set", "port=8443", "--set"];
    let set = home.run(&[&line[..], &["api_key=@stdin"]].concat()).stdin("exa-secret-7Qm2vX9d").json();
    assert!(!set["notices"].to_string().contains("inline_secret"), "{set}");
    let set = home.run(&[&line[..], &["api_key=exa-secret-7Qm2vX9d", "--add"]].concat()).json();
    let told = set["notices"].to_string();
    assert!(
        told.contains("inline_secret") && told.contains("`api_key`") && !told.contains("`port`"),
        "{told}"
    );
}

#[test]
fn a_secret_of_few_bits_is_told_and_a_plain_field_is_not() {
    let home = Home::new();
    std::fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    let guessable = |arguments: &[&str], value: &str| {
        let set = home.run(arguments).stdin(value).json();
        set["notices"].to_string().contains("\"guessable\"")
    };
    let set = [
        "credentials",
        "set",
        "exa",
        "--manifest",
        "app.json",
        "--add",
        "--set",
        "api_key=@stdin",
        "--set",
        "port=12345",
    ];
    for (value, is_told) in [("48151623", true), ("exa-key1", true), ("sk-7Qm2vX9dLp4Rt8Wz", false)] {
        assert_eq!(guessable(&set, value), is_told, "{value}");
        let dotenv = format!("EXA_API_KEY={value}\nEXA_PORT=12345\n");
        let import = ["credentials", "import", "-", "--manifest", "app.json", "--add", "--yes"];
        assert_eq!(guessable(&import, &dotenv), is_told, "{value}");
    }
}

/// People write and read `oauth`; JSON goes on saying `oauth_managed`, and whoever copies it from there is understood.
#[test]
fn an_account_is_oauth_to_people_and_oauth_managed_in_json() {
    let (home, _) = Home::with_exa();
    let account = Instance::new("mail").in_organization("default").kind(CredentialKind::OauthManaged);
    let account = account.field("access_token", "an-access-token-7Qm2vX9d");
    let vault = Vault::open(home.vault()).unwrap();
    let id = vault.add([account], Add::OnlyFirst).unwrap()[0].candidate.id.to_string();
    drop(vault);
    let shown = home.run(&["credentials", "show", &id]).ok();
    assert!(shown.lines().any(|line| line.split_whitespace().eq(["kind", "oauth"])), "{shown}");
    for kind in ["oauth", "oauth_managed", "oauth-managed"] {
        let list = home.run(&["credentials", "list", "--kind", kind]).json();
        assert_eq!(list["instances"].as_array().unwrap().len(), 1, "{kind}");
        assert_eq!(
            (&list["instances"][0]["id"], &list["instances"][0]["kind"]),
            (&id.as_str().into(), &"oauth_managed".into())
        );
    }
    let help = home.run(&["credentials", "list", "--help"]).ok();
    assert!(help.contains("oauth") && !help.contains("managed"), "{help}");
}
