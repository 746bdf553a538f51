//! The program at a terminal, as a person meets it: what it asks, what it shows, and what the keys do.

use std::path::Path;

use crate::support::pty::{CTRL_C, CTRL_D, ENTER, ESCAPE, TAB, Terminal};
use crate::support::{self, Home, MANIFEST};
use pty_process::blocking::Command;

const CANARY: &str = "canary-typed-0123456789";

fn in_home(home: &Home, program: &str) -> Command {
    Command::new(program)
        .env_clear()
        .env("HOME", home.path())
        .env("KEYSTROKE_HOME", home.vault())
        .env("TERM", "xterm")
        .env("PATH", "/usr/bin:/bin")
        .current_dir(home.work())
}

fn start(home: &Home, line: &str) -> Terminal {
    Terminal::start(in_home(home, support::PROGRAM).args(line.split(' ')))
}

/// Runs a command and answers each question when it is shown: all that the terminal showed, and the exit code.
fn in_terminal(home: &Home, line: &str, answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let mut terminal = start(home, line);
    for (question, answer) in answers {
        terminal.expect(question);
        terminal.press(answer);
        terminal.press(ENTER);
    }
    terminal.end()
}

#[test]
fn secrets_are_asked_for_and_not_shown() {
    let home = Home::new();
    for (line, questions) in [
        ("credentials set exa", &["api_key:"][..]),
        ("connect slack --field token", &["token:"]),
        ("credentials set aws --set id=@stdin --set secret=@stdin", &["id:", "secret:"]),
    ] {
        let answers: Vec<_> = questions.iter().map(|question| (*question, CANARY)).collect();
        let (shown, code) = in_terminal(&home, line, &answers);
        assert_eq!(code, Some(0), "{line}: {shown}");
        assert!(shown.contains("stored `") && !shown.contains("canary"), "{line}: {shown}");
    }
    let exa =
        home.run(&["credentials", "list", "exa"]).json()["instances"][0]["id"].as_str().unwrap().to_owned();
    let (shown, code) = in_terminal(&home, &format!("credentials rotate {exa}"), &[("api_key:", CANARY)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("version 2") && !shown.contains("canary"), "{shown}");
}

/// Who types ahead, or pastes several answers at once, sees none of it: not between two questions either, where neither of
/// them hides it.
#[test]
fn what_is_typed_ahead_is_never_shown() {
    let home = Home::new();
    let mut terminal = start(&home, "credentials set aws --set id=@stdin --set secret=@stdin");
    terminal.expect("id:");
    let echo = terminal.watch_echo();
    for _ in 0..400 {
        terminal.press(ENTER);
        terminal.expect("`id` is empty");
    }
    terminal.press(CANARY);
    terminal.press(ENTER);
    terminal.expect("secret:");
    assert!(!echo.has_echoed(), "what is typed there is shown");
    terminal.press(CANARY);
    terminal.press(ENTER);
    let (shown, code) = terminal.end();
    assert!(code == Some(0) && shown.contains("stored `aws`") && !shown.contains("canary"), "{shown}");
}

/// A slip costs one answer: neither the answers before it, nor the next one, which would land in the shell.
#[test]
fn a_wrong_answer_is_asked_for_again_at_once() {
    let home = Home::new();
    std::fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    let port = "port (u16, optional):";
    for (line, answers, says) in [
        (
            "credentials set aws --set id=@stdin --set secret=@stdin",
            &[("id:", CANARY), ("secret:", ""), ("secret:", "short"), ("secret:", CANARY)][..],
            &["`secret` is empty", "fewer than 8 bytes", "--allow-short secret"][..],
        ),
        (
            "connect exa --manifest app.json",
            &[("api_key:", ""), ("api_key:", CANARY), (port, "much"), (port, "99999"), (port, "8443")],
            &["`api_key` is empty", "the value of `port` is not a valid u16"],
        ),
        ("credentials set gate --set pin=@stdin --allow-short pin", &[("pin:", "1234")], &[]),
        (
            "connect padded --field token",
            &[("token:", " canary-typed-0123456789")],
            &["begins with white space"],
        ),
    ] {
        let (shown, code) = in_terminal(&home, line, answers);
        assert!(
            code == Some(0) && shown.contains("stored `") && !shown.contains("canary"),
            "{line}: {shown}"
        );
        for text in says {
            // The terminal breaks lines where they end, not words.
            assert!(shown.replace("\r\n", " ").contains(text), "{line}: no `{text}` in {shown}");
        }
    }
    // Whoever leaves after a slip has stored nothing.
    let before = home.run(&["vault", "export", "--metadata"]).ok();
    let mut terminal = start(&home, "credentials set other --set token=@stdin");
    terminal.expect("token:");
    terminal.press(ENTER);
    terminal.expect("`token` is empty");
    terminal.expect("token:");
    terminal.press(CTRL_C);
    let (shown, code) = terminal.end();
    assert!(code == Some(1) && shown.contains("nothing was changed"), "{shown}");
    assert_eq!(home.run(&["vault", "export", "--metadata"]).ok(), before);
}

#[test]
fn with_a_manifest_exactly_its_fields_are_asked_for_and_plain_ones_are_shown() {
    let home = Home::new();
    std::fs::write(home.work().join("app.json"), MANIFEST).unwrap();
    std::fs::write(home.work().join("keystroke.toml"), "manifest = \"app.json\"\n").unwrap();
    let fields = |home: &Home| {
        let json = home.run(&["credentials", "list", "exa"]).json();
        json["instances"].as_array().unwrap().last().map(|one| one["fields"].to_string()).unwrap_or_default()
    };
    let port = "port (u16, optional):";
    let (shown, code) = in_terminal(&home, "connect exa", &[("api_key:", CANARY), (port, "8443")]);
    assert_eq!(code, Some(0), "{shown}");
    for text in
        ["Create a key in the Exa dashboard.", "Shown under API keys. (what you type", "8443", "stored `exa`"]
    {
        assert!(shown.contains(text), "no `{text}` in {shown}");
    }
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(fields(&home), r#"["api_key","port"]"#);
    let id =
        home.run(&["credentials", "list", "exa"]).json()["instances"][0]["id"].as_str().unwrap().to_owned();
    // An optional field is left as it is by an empty answer.
    let rotate = format!("credentials rotate {id}");
    let (shown, code) = in_terminal(&home, &rotate, &[("api_key:", CANARY), (port, "")]);
    assert!(code == Some(0) && shown.contains("version 2"), "{shown}");
    assert_eq!(fields(&home), r#"["api_key","port"]"#);
    // `credentials set` asks the same.
    let (shown, code) = in_terminal(&home, "credentials set exa --add", &[("api_key:", CANARY), (port, "")]);
    assert!(code == Some(0) && !shown.contains("canary"), "{shown}");
    // Whether it is needed at all.
    assert!(!shown.contains("runs without it"), "{shown}");
    let optional = MANIFEST.replace("\"exa\", \"pin\": null", "\"exa\", \"pin\": null, \"optional\": true");
    std::fs::write(home.work().join("app.json"), optional).unwrap();
    let (shown, code) = in_terminal(&home, "connect exa --add", &[("api_key:", CANARY), (port, "")]);
    assert!(code == Some(0) && shown.contains("Optional: the application runs without it."), "{shown}");
}

/// As wide as the terminal, be it narrow or wide.
#[test]
fn a_list_is_as_wide_as_its_terminal() {
    let (home, id) = Home::with_exa();
    let label = "A label of many words, for a credential of the whole organization, that is in no way short";
    home.run(&["credentials", "update", &id, "--label", label]).ok();
    for (columns, is_whole) in [(60, false), (80, false), (200, true)] {
        let list = in_home(&home, support::PROGRAM).args(["credentials", "list"]);
        let (shown, code) = Terminal::of_width(columns, list).end();
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.lines().all(|line| line.trim_end().chars().count() <= usize::from(columns)), "{shown}");
        assert_eq!(shown.contains(label), is_whole, "{columns}: {shown}");
        assert!(shown.contains(&id), "{columns}: {shown}");
    }
}

#[test]
fn a_new_key_stays_off_the_screen_unless_it_is_wanted_there() {
    let home = Home::new();
    let (shown, code) = in_terminal(&home, "vault new-key", &[]);
    assert!(
        code == Some(1) && shown.contains("`(umask 077 && keystroke vault new-key > vault.keys)`"),
        "{shown}"
    );
    let (shown, code) = in_terminal(&home, "vault new-key --show", &[]);
    assert!(
        code == Some(0) && shown.lines().any(|line| line.starts_with('k') && line.contains(':')),
        "{shown}"
    );
    assert!(!home.vault().exists(), "it is not stored");
}

#[test]
fn deleting_what_is_assigned_asks_first() {
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "assign", &id, "--action", "search", "--tool", "researcher"]).ok();
    let delete = format!("credentials delete {id}");
    let (shown, code) = in_terminal(&home, &delete, &[("(y/N)", "")]);
    assert!(code == Some(1) && shown.contains("researcher"), "{shown}");
    home.run(&["credentials", "show", &id]).ok();
    let (shown, code) = in_terminal(&home, &delete, &[("(y/N)", "y")]);
    assert!(code == Some(0) && shown.contains("deleted"), "{shown}");
    assert_eq!(home.run(&["credentials", "show", &id]).refused(1).code, "no_such_instance");
}

#[test]
fn deleting_asks_a_person_and_takes_a_script_at_its_word() {
    let (home, id) = Home::with_exa();
    let delete = format!("credentials delete {id}");
    for answer in ["", "n"] {
        let (shown, code) = in_terminal(&home, &delete, &[("Delete it? (y/N)", answer)]);
        assert!(code == Some(1) && shown.contains("deletes `exa-"), "{shown}");
        assert!(shown.contains("not confirmed; nothing was changed"), "{shown}");
    }
    let (shown, code) = in_terminal(&home, &delete, &[("Delete it? (y/N)", "y")]);
    assert!(code == Some(0) && shown.contains("deleted `exa-"), "{shown}");
    for arguments in [&["--yes"][..], &["--json"], &[]] {
        home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin"]).stdin("exa-secret-7Qm2vX9d").ok();
        let id = home.run(&["credentials", "list", "exa"]).json()["instances"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut words = vec!["credentials", "delete", &id];
        words.extend(arguments);
        if arguments.is_empty() {
            home.run(&words).ok();
        } else {
            let (shown, code) = in_terminal(&home, &words.join(" "), &[]);
            assert!(code == Some(0), "{shown}");
        }
    }
}

#[test]
fn moving_and_importing_show_what_they_would_do_and_ask() {
    let (home, id) = Home::with_exa();
    std::fs::write(home.work().join(".env"), format!("SLACK_TOKEN={CANARY}\nLOG_LEVEL=debug\n")).unwrap();
    let export = || home.run(&["vault", "export", "--metadata"]).ok();
    let relocate = format!("credentials move {id} --scope project");
    let import = "credentials import .env --map SLACK_TOKEN=slack.token";
    for (line, question, shows, done) in [
        (
            relocate.as_str(),
            "Move it? (y/N)",
            "moves from organization default to project default",
            "moved `",
        ),
        (
            import,
            "Store these? (y/N)",
            "would store `slack` for organization default: `token` from `SLACK_TOKEN` (line 1)",
            "stored `slack`",
        ),
    ] {
        let before = export();
        // Just return is no answer, and neither is anything but yes.
        for answer in ["", "n", "N", "no"] {
            let (shown, code) = in_terminal(&home, line, &[(question, answer)]);
            assert_eq!(code, Some(1), "{line}, {answer}: {shown}");
            assert!(shown.contains(shows) && shown.contains("not confirmed; nothing was changed"), "{shown}");
            assert!(!shown.contains("canary"), "{shown}");
        }
        assert_eq!(export(), before);
        let (shown, code) = in_terminal(&home, line, &[(question, "y")]);
        assert!(code == Some(0) && shown.contains(done) && !shown.contains("canary"), "{shown}");
    }
    // What is refused anyway is not asked about.
    let (shown, code) = in_terminal(&home, import, &[]);
    assert!(
        code == Some(1) && shown.contains("has a credential for `slack` already") && !shown.contains("y/N"),
        "{shown}"
    );
    // Nobody at a terminal is asked by a command that prints JSON: a program reads along.
    let (shown, code) = in_terminal(&home, &format!("credentials move {id} --scope org --json"), &[]);
    assert!(code == Some(1) && shown.contains("\"unconfirmed\""), "{shown}");
}

/// Whatever ends a question without an answer: exit code 1, nothing stored, and the terminal as it was.
#[test]
fn who_leaves_a_question_leaves_all_as_it_was() {
    let (home, id) = Home::with_exa();
    home.run(&["credentials", "assign", &id, "--action", "search", "--direct"]).ok();
    std::fs::write(home.work().join(".env"), format!("SLACK_TOKEN={CANARY}\n")).unwrap();
    let export = || home.run(&["vault", "export", "--metadata"]).ok();
    let before = export();
    let (delete, relocate) =
        (format!("credentials delete {id}"), format!("credentials move {id} --scope project"));
    for (line, question) in [
        ("credentials set slack", "api_key:"),
        ("connect slack --field token", "token:"),
        (&format!("credentials rotate {id}"), "api_key:"),
        (&delete, "(y/N)"),
        (&relocate, "(y/N)"),
        ("credentials import .env --map SLACK_TOKEN=slack.token", "(y/N)"),
    ] {
        for (key, name) in [(CTRL_C, "Ctrl-C"), (CTRL_D, "Ctrl-D"), (ESCAPE, "Escape")] {
            let mut terminal = start(&home, line);
            terminal.expect(question);
            // In the middle of the answer, too.
            if question != "(y/N)" {
                terminal.press(&CANARY[..12]);
            }
            terminal.press(key);
            let (shown, code) = terminal.end();
            assert_eq!(code, Some(1), "{line}, {name}: {shown}");
            assert!(shown.contains("error: cancelled; nothing was changed"), "{line}, {name}: {shown}");
            assert!(!shown.contains("canary"), "{line}, {name}: {shown}");
            assert_eq!(export(), before, "{line}, {name}");
        }
    }
    // After the first of two answers.
    let mut terminal = start(&home, "credentials set aws --set id=@stdin --set secret=@stdin");
    terminal.expect("id:");
    terminal.press(CANARY);
    terminal.press(ENTER);
    terminal.expect("secret:");
    terminal.press(CTRL_C);
    let (shown, code) = terminal.end();
    assert!(code == Some(1) && !shown.contains("canary"), "{shown}");
    assert_eq!(export(), before);
}

/// What a terminal shows in colour or bold: escape sequences that end in `m` and set something.
fn has_styles(shown: &str) -> bool {
    shown.split("\u{1b}[").skip(1).any(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
        rest[end..].starts_with('m') && !["", "0"].contains(&&rest[..end])
    })
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let home = Home::new();
    let shown = |line: &str, variables: &[(&str, &str)]| {
        let command = in_home(&home, support::PROGRAM).args(line.split(' ')).envs(variables.iter().copied());
        Terminal::start(command).end().0
    };
    for line in ["--help", "credentials set --help", "credentials nonsense"] {
        assert!(has_styles(&shown(line, &[])), "{line}: {:?}", shown(line, &[]));
        for off in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            assert!(!has_styles(&shown(line, &[off])), "{line}, {off:?}: {:?}", shown(line, &[off]));
        }
        let piped = |force: bool| {
            let run = home.run(&line.split(' ').collect::<Vec<_>>());
            let done = if force { run.env("CLICOLOR_FORCE", "1").done() } else { run.done() };
            has_styles(&format!("{}{}", done.out, done.err))
        };
        assert_eq!((piped(false), piped(true)), (false, true), "{line}");
    }
    // Questions, too, and nothing that is a result.
    for (variables, styled) in [(&[][..], true), (&[("NO_COLOR", "1")], false), (&[("TERM", "dumb")], false)]
    {
        let command =
            in_home(&home, support::PROGRAM).args(["connect", "exa"]).envs(variables.iter().copied());
        let mut terminal = Terminal::start(command);
        terminal.expect("api_key:");
        terminal.press(CTRL_C);
        let (shown, _) = terminal.end();
        assert_eq!(has_styles(&shown), styled, "{variables:?}: {shown:?}");
    }
    home.run(&["credentials", "set", "exa", "--set", "api_key=@stdin"]).stdin("exa-secret-7Qm2vX9d").ok();
    for line in ["credentials list", "audit", "vault verify", "explain exa", "credentials list --json"] {
        assert!(!shown(line, &[]).contains('\u{1b}'), "{line}");
    }
}

/// A person's bash, with the script loaded as `docs/cli.md` says.
#[test]
fn tab_completes_commands_flags_and_values_in_bash() {
    let bash = "/bin/bash";
    assert!(Path::new(bash).exists(), "this test needs {bash}: it completes for a person who types in it");
    let home = Home::new();
    let programs = Path::new(support::PROGRAM).parent().unwrap().display();
    let command = in_home(&home, bash)
        .args(["--norc", "--noprofile", "-i"])
        .env("PS1", "ready> ")
        .env("PATH", format!("{programs}:/usr/bin:/bin"));
    let mut terminal = Terminal::start(command);
    terminal.expect("ready> ");
    terminal.press("source <(keystroke completions bash)\r");
    terminal.expect("ready> ");
    for (typed, completed) in [
        ("keystroke cred", "entials "),
        ("mo", "ve "),
        ("--sc", "ope "),
        ("pr", "oject "),
        ("--project-s", "lug "),
    ] {
        terminal.press(typed);
        terminal.expect(typed);
        terminal.press(TAB);
        terminal.expect(completed);
    }
    // What is completed is a command that the program has.
    terminal.press("research exa-no-such --yes\r");
    terminal.expect("there is no vault");
    terminal.expect("ready> ");
    terminal.press("exit\r");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(1), "the last command's: {shown}");
}
