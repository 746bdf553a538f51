//! Secrets go in and don't come out: after every command a canary is looked for in what was printed and in every
//! byte on the disk, in plain, hex and base64.

use std::collections::BTreeSet;

use crate::support::{self, ACME, Done, Home, MANIFEST};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

const CANARY: &str = "canary~9f?b>secret-0123456789";

/// The canary in all its forms. Of base64 at each alignment only the characters that its neighbours can't change.
fn forms() -> Vec<Vec<u8>> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![CANARY.to_owned(), hex.to_uppercase(), hex];
    for engine in [STANDARD, URL_SAFE] {
        for shift in 0..3 {
            let text = engine.encode(format!("{}{CANARY}", &"xxx"[..shift]));
            let whole = (shift + CANARY.len()) / 3 * 4;
            forms.push(text[if shift == 0 { 0 } else { 4 }..whole].to_owned());
        }
    }
    forms.into_iter().map(String::into_bytes).collect()
}

fn is_in(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// Looks everywhere but in the files that the canary came from, `canary.key` and `canary.env`.
fn leaks(home: &Home, done: &Done) -> Vec<String> {
    let printed = [("stdout", &done.out), ("stderr", &done.err)];
    let mut found: Vec<String> = printed
        .iter()
        .filter(|(_, text)| is_in(text.as_bytes()))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let files = home.files();
    assert!(files.len() > 2, "there is a vault to look at");
    found.extend(
        files
            .iter()
            .filter(|(path, bytes)| path.file_stem().is_none_or(|name| name != "canary") && is_in(bytes))
            .map(|(path, _)| path.display().to_string()),
    );
    found
}

#[test]
fn the_search_finds_what_is_there() {
    let home = Home::with_exa().0;
    let done = home.run(&["credentials", "list"]).done();
    assert!(leaks(&home, &done).is_empty());
    for form in forms() {
        let planted = [b"some\0bytes".to_vec(), form.clone(), b"more".to_vec()].concat();
        std::fs::write(home.vault().join("planted"), planted).unwrap();
        assert_eq!(leaks(&home, &done).len(), 1, "{:?}", String::from_utf8(form));
        let printed =
            Done { out: format!("x {CANARY} y"), line: String::new(), code: None, err: String::new() };
        assert_eq!(leaks(&home, &printed).len(), 2);
    }
}

/// Each command of the program is run: those that `--help` names, and no list of ours says which.
#[test]
fn no_command_prints_or_leaves_a_secret() {
    let home = Home::new();
    std::fs::write(home.work().join("canary.key"), format!("{CANARY}\n")).unwrap();
    std::fs::write(home.work().join("canary.env"), format!("EXA_API_KEY='{CANARY}'\nBAD={CANARY}$X\n"))
        .unwrap();
    std::fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    std::fs::write(home.work().join("acme.toml"), ACME).unwrap();
    // A secret where a provider file has no place for one.
    let planted = format!("{ACME}client_secret = \"{CANARY}\"\n");
    std::fs::write(home.work().join("canary.toml"), planted).unwrap();
    let inline = format!("api_key={CANARY}");
    let mut succeeded = BTreeSet::new();
    let mut run = |line: &[&str]| {
        let mut outputs = String::new();
        for json in [false, true] {
            let run = home.run(line).env("CANARY", CANARY).stdin(CANARY);
            let done = if json { run.arg("--json").done() } else { run.done() };
            assert_eq!(leaks(&home, &done), Vec::<String>::new(), "{line:?}");
            if done.code == Some(0) {
                succeeded.insert(line[0].to_owned());
                succeeded.insert(line.iter().take(2).copied().collect::<Vec<_>>().join(" "));
            }
            outputs.push_str(&done.out);
        }
        outputs
    };
    run(&["vault", "init"]);
    let add = ["credentials", "set", "exa", "--add", "--set"];
    for source in ["api_key=@env:CANARY", "api_key=@file:canary.key", "api_key=@stdin", &inline] {
        let stored = run(&[&add[..], &[source]].concat());
        assert!(stored.contains("stored `exa` as"), "{stored}");
    }
    let list = home.run(&["credentials", "list"]).json();
    let id = list["instances"][0]["id"].as_str().unwrap();
    assert_eq!(list["instances"].as_array().unwrap().len(), 8);
    let token = home.run(&["tokens", "create"]).json()["id"].as_str().unwrap().to_owned();
    for line in [
        // Refused, each at another point of its way.
        &["credentials", "set", "exa", "--set", "api_key=@env:CANARY"][..],
        &["credentials", "set", "exa", "--set", &inline],
        &["credentials", "set", "Exa!", "--set", "api_key=@stdin"],
        &["credentials", "set", "exa", "--add", "--set", "api_key=@stdin", "--set", "other=x"],
        &["credentials", "set", "exa", "--set", &inline, "--set", &inline],
        &["credentials", "set", "exa", "--set", &format!("api_key=@{CANARY}")],
        &["credentials", "set", "exa", "--set", &format!("api_key=@env:{CANARY}")],
        &["credentials", "set", "exa", "--set", &format!("api_key=@file:{CANARY}")],
        &["credentials", "set", "exa", "--set", "api_key=", CANARY],
        &["credentials", "rotate", "no-such-id", "--set", &inline],
        &["credentials", "rotate", id, "--set", "api_key=@env:CANARY"],
        &["credentials", "rotate", id, "--set", "api_key=@file:canary.key"],
        &["credentials", "rotate", id, "--set", &inline, "--set", "second=@stdin"],
        &["credentials", "update", id, "--default"],
        &["credentials", "import", "canary.env", "--map", "EXA_API_KEY=other.token"],
        &["credentials", "import", "canary.env", "--map", "EXA_API_KEY=other.token", "--yes"],
        &["credentials", "import", "canary.env", "--map", "BAD=new.token", "--yes"],
        &["credentials", "import", "canary.env", "--manifest", "app.json", "--add", "--yes"],
        &["credentials", "import", "canary.key", "--yes"],
        &["credentials", "import", "-", "--yes"],
        &["credentials", "assign", id, "--action", "search", "--direct"],
        &["credentials", "assignments"],
        &["credentials", "list"],
        &["credentials", "show", id],
        &["credentials", "move", id, "--scope", "project"],
        &["credentials", "move", id, "--scope", "project", "--yes"],
        &["explain", "exa"],
        &["explain", "exa", "--action", "search"],
        &["check", "app.json"],
        &["check", "app.json", "--as-user", "ada"],
        &["audit"],
        &["vault", "verify"],
        &["vault", "export", "--metadata"],
        &["vault", "new-key"],
        &["vault", "rotate-key"],
        &["credentials", "discard", "other"],
        &["credentials", "discard", "other", "--yes"],
        &["vault", "backup", "backup-1"],
        &["vault", "restore", "backup-1"],
        &["vault", "restore", "backup-1", "--yes"],
        &["audit", "prune", "--before", "0s"],
        &["credentials", "delete", id],
        &["credentials", "unassign", "exa", "--action", "search", "--direct"],
        &["credentials", "revoke", id],
        &["credentials", "delete", id, "--yes"],
        &["connect", "exa"],
        &["tokens", "create", "--label", "laptop"],
        &["tokens", "list"],
        &["tokens", "revoke", &token],
        &["completions", "bash"],
        &["providers", "list"],
        &["providers", "show", "slack"],
        &["providers", "add", "acme.toml"],
        &["providers", "add", "acme.toml", "--replace"],
        &["providers", "add", "canary.toml"],
    ] {
        run(line);
    }
    run(&[
        "credentials",
        "set",
        "exa",
        "--organization",
        "acme",
        "--add",
        "--set",
        "api_key=@stdin",
        "--default",
    ]);
    run(&[
        "credentials",
        "set",
        "slack",
        "--scope",
        "user",
        "--user",
        "ada",
        "--organization",
        "acme",
        "--add",
        "--set",
        "token=@stdin",
        "--default",
    ]);
    run(&["check", "app.json", "--organization", "acme", "--as-user", "ada"]);
    let mut left: Vec<String> = support::commands();
    left.retain(|command| !succeeded.contains(command));
    // It does its work on a terminal only: there `tests/terminal.rs` looks for what was typed.
    assert_eq!(left, ["connect"], "each command needs a line here that succeeds");
}

/// What a slip puts into a place where no secret is looked for: base64 without its `field=`, and a variable that the
/// shell put there before the program saw it.
#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let (home, id) = Home::with_exa();
    let id = id.as_str();
    for secret in ["Y2FuYXJ5LWNhbmFyeS0wMTIzNA", "JBSWY3DPEHPK3PXP", "sk-Proj-0123456789abcdef"] {
        let padded = format!("{secret}=");
        std::fs::write(home.work().join("x.env"), "EXA_KEY=value-value\n").unwrap();
        std::fs::write(home.work().join("secret.env"), format!("A='x'\n{secret}\n")).unwrap();
        std::fs::write(home.work().join("padded.env"), format!("{secret}=\n")).unwrap();
        let with = |form: &str| form.replace("{}", secret);
        for line in [
            &["credentials", "set", "new", "--set", secret][..],
            &["credentials", "set", "new", "--set", &padded],
            &["credentials", "set", "new", "--set", "a=value-value", "--set", &padded],
            &["credentials", "set", "new", "--set", &with("{}==")],
            &["credentials", "set", "new", "--set", &with("{}=x")],
            &["credentials", "set", "new", "--set", &with("{}=x"), "--set", &with("{}=y")],
            &["credentials", "set", "new", "--set", &with("{}=@nonsense")],
            &["credentials", "set", "new", "--set", &with("{}=@env:")],
            &["credentials", "set", "new", "--set", &with("{}=@env:NOT_SET")],
            &["credentials", "set", "new", "--set", &with("{}=@file:no-such-file")],
            &["credentials", "set", "new", "--set", &with("{}=@stdin")],
            &["credentials", "set", "new", "--set", &with("seed=@env:{}")],
            &["credentials", "set", "new", "--set", &with("seed=@file:{}")],
            &["credentials", "set", "new", "--set", "seed=@env:EMPTY", "--allow-short", secret],
            &["credentials", "set", "new", "--set", "seed=@env:EMPTY", "--project-slug", secret],
            &["credentials", "set", "new", "--set", "a=value-value", "--scope", secret],
            &["credentials", "set", "new", "--set", "a=value-value", &with("--default={}")],
            &["credentials", "set", "new", "--set", "a=value-value", secret],
            &["credentials", "set", "new", "--set", "a=value-value", &with("--{}")],
            &["credentials", "set", secret, "--set", "a=value-value"],
            &["credentials", "rotate", id, "--set", &padded],
            &["credentials", "rotate", id, "--set", &with("{}=x")],
            &["credentials", "rotate", id, "--unset", secret],
            &["credentials", "rotate", secret, "--set", "a=value-value"],
            &["credentials", "show", secret],
            &["credentials", "update", secret, "--default"],
            &["credentials", "revoke", secret],
            &["credentials", "delete", secret, "--yes"],
            &["credentials", "assign", secret, "--action", "search", "--direct"],
            &["credentials", "unassign", secret, "--action", "search", "--direct"],
            &["credentials", "move", secret, "--scope", "project", "--yes"],
            &["credentials", "move", id, "--scope", secret],
            &["credentials", "import", secret],
            &["credentials", "import", "--map", secret, "x.env"],
            &["credentials", "import", "--map", &with("{}=exa.api_key"), "x.env"],
            &["credentials", "import", "--map", &with("EXA_KEY=exa.{}"), "x.env"],
            &["credentials", "import", "--map", &with("EXA_KEY={}.api_key"), "x.env"],
            &["credentials", "import", "secret.env"],
            &["credentials", "import", "padded.env"],
            &["completions", secret],
            &["vault", "export", secret],
            &["credentials", "list", secret],
            &["credentials", "list", "exa", secret],
            &["credentials", secret],
            &["vault", secret],
            &[secret],
            &[&with("--json={}"), "audit"],
            &["explain", secret],
            &["explain", "exa", "--pin", secret],
            &["explain", "exa", "--origin", secret],
            &["explain", "exa", &with("--pin={}"), secret],
            &["audit", "--since", secret],
            &["audit", "--limit", secret],
            &["providers", "show", secret],
            &["providers", "add", secret],
            &["providers", "add", "--issuer", secret],
            &["providers", "add", "--issuer", secret, "--name", "ours"],
            &["providers", "add", "--issuer", "https://example.com", "--name", secret],
            &["connect", secret],
            &["connect", "new", "--field", secret],
            &["connect", "new", "--field", &padded],
        ] {
            for json in [false, true] {
                let run = home.run(line).env("EMPTY", "");
                let done = if json { run.arg("--json").done() } else { run.done() };
                assert!(done.code == Some(1) || done.code == Some(2), "{line:?}: {done:?}");
                let said = format!("{}{}", done.out, done.err).to_lowercase();
                let words = said.split(|c: char| !c.is_ascii_alphanumeric());
                let repeated = words
                    .filter(|word| word.len() >= 6)
                    .find(|word| secret.to_lowercase().replace('-', "").contains(word));
                assert_eq!(repeated, None, "{line:?}: {}{}", done.out, done.err);
            }
        }
        // A field that is stored under such a name is at least not shouted.
        for line in [
            &["credentials", "set", "new", "--add", "--set", &with("{}=value-value")][..],
            &["credentials", "rotate", id, "--set", &with("{}=value-value")],
        ] {
            let done = home.run(line).done().ok();
            assert!(!done.out.contains(secret) && !done.err.contains(secret), "{line:?}: {done:?}");
        }
    }
}
