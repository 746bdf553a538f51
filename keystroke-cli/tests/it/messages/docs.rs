//! `docs/cli.md` shows what the program really prints: every `console` block is run, in order, and compared.
//! `KEYSTROKE_BLESS=1 cargo test -p keystroke-cli --test it docs` rewrites the screens.
//!
//! What differs from run to run has a fixed stand-in of the same length in the document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{self, ACME, MANIFEST};
use serde_json::Value;

/// What stands for the random part of the first, second, … id.
const IDS: [&str; 5] = ["7k2m4q9d3x5z", "9h3v5c7j2p8s", "2b8n6r1t9w4c", "5y1g8f3a6d0e", "4t6w2z9k7m1q"];
/// Of the vault's first key, of one that is kept nowhere, and of the one after a rotation.
const KEY_IDS: [&str; 3] = ["k8d2w5n7q", "k5t0h7r2j", "k3m9x1c6v"];
/// The key that is kept nowhere.
const KEY: &str = "dPq7Yx0sVn3mT8aZbC5eFg1hJk2lMw4rNu6vQi9oXy0=";
/// Of the only token: its id, and its secret.
const TOKEN: [&str; 2] = ["3f7t1h9p5y2c", "Yy3x8v0Qm1c5Zt7Kp2Jr9Lw4Dn6Bs0Hf8Gk1Xa5Ue3M"];

struct Session {
    home: tempfile::TempDir,
    /// (stand-in, what is real)
    names: Vec<(String, String)>,
}

impl Session {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join("research");
        fs::create_dir(&project).unwrap();
        fs::write(project.join("keystroke.toml"), "organization = \"acme\"\nproject = \"research\"\n")
            .unwrap();
        fs::write(project.join("assistant.json"), MANIFEST).unwrap();
        fs::write(project.join("acme.toml"), ACME).unwrap();
        let dotenv = project.join(".env");
        fs::write(
            &dotenv,
            "EXA_API_KEY=exa-of-the-docs\nBRAVE_API_KEY='brave-of-the-docs'\nLOG_LEVEL=debug\n",
        )
        .unwrap();
        fs::set_permissions(&dotenv, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let names = vec![("/home/ada".to_owned(), home.path().to_str().unwrap().to_owned())];
        Self { home, names }
    }

    /// Runs a line of the document in a shell: what it printed, and its exit code.
    fn run(&mut self, line: &str) -> (String, i32) {
        let line = self.names.iter().fold(line.to_owned(), |line, (shown, real)| line.replace(shown, real));
        let programs = Path::new(support::PROGRAM).parent().unwrap().display().to_string();
        let output = Command::new("/bin/sh")
            .args(["-c", &format!("{line} 2>&1")])
            .current_dir(self.home.path().join("research"))
            .env_clear()
            .env("PATH", format!("{programs}:/usr/bin:/bin"))
            .env("HOME", self.home.path())
            .env("EXA_API_KEY", "exa-secret-7Qm2vX9d-of-the-docs")
            .env("SLACK_TOKEN", "slack-secret-7Qm2vX9d-of-the-docs")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        self.learn(&text);
        (self.shown(&text), output.status.code().unwrap())
    }

    /// Gives every id that appears for the first time its stand-in.
    fn learn(&mut self, text: &str) {
        for token in text.split("kst_").skip(1).filter_map(|rest| rest.get(..12 + 1 + 43)) {
            let real = [&token[..12], &token[13..]];
            self.names
                .extend(TOKEN.iter().zip(real).map(|(shown, real)| (String::from(*shown), real.to_owned())));
        }
        // A line of a ring, alone or in JSON.
        for entry in text.split(['\n', '"']).filter(|word| word.starts_with('k') && word.len() == 9 + 1 + 44)
        {
            self.names.extend(entry.split_once(':').map(|(_, key)| (KEY.to_owned(), key.to_owned())));
        }
        let words =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty());
        for (before, word) in words.clone().zip(words.skip(1)) {
            let random = word
                .split_once('-')
                .filter(|(key, id)| ["brave", "exa", "slack"].contains(key) && id.len() == IDS[0].len());
            let (shown, real) = match random {
                Some((_, id)) => {
                    let known = self.names.iter().filter(|(shown, _)| IDS.contains(&shown.as_str())).count();
                    (IDS.get(known).copied(), id)
                }
                None if before == "key" && word.len() == KEY_IDS[0].len() && word.starts_with('k') => {
                    let known =
                        self.names.iter().filter(|(shown, _)| KEY_IDS.contains(&shown.as_str())).count();
                    (KEY_IDS.get(known).copied(), word)
                }
                None => continue,
            };
            if !self.names.iter().any(|(_, known)| known == real) {
                self.names.push((shown.expect("more ids than stand-ins").to_owned(), real.to_owned()));
            }
        }
    }

    fn shown(&self, text: &str) -> String {
        let text = self.names.iter().fold(text.to_owned(), |text, (shown, real)| text.replace(real, shown));
        let mut lines = String::new();
        for line in text.lines() {
            let (indent, name) = line.split_at(line.len() - line.trim_start().len());
            lines += &match name.split(": ").next() {
                Some(name @ "\"os_user\"") => format!("{indent}{name}: \"ada\","),
                Some(name @ "\"uid\"") => format!("{indent}{name}: 1000,"),
                Some(name @ "\"process\"") => format!("{indent}{name}: 4242,"),
                _ => times(line),
            };
            lines.push('\n');
        }
        lines
    }
}

/// The line with each time as `2026-11-23T09:00:00Z`, with milliseconds where it has some, also in the name of a folder.
fn times(line: &str) -> String {
    let pattern = |text: &str, shape: &str| {
        text.len() >= shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(c, s)| if s == b'0' { c.is_ascii_digit() } else { c == s })
    };
    let mut shown = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let found = [
            ("0000-00-00T00:00:00Z", "2026-11-23T09:00:00Z"),
            ("0000-00-00T00:00:00.000Z", "2026-11-23T09:00:00.000Z"),
            ("replaced-0000000000000", "replaced-1795424400000"),
        ]
        .into_iter()
        .find(|(shape, _)| pattern(rest, shape));
        match found {
            Some((shape, time)) => {
                shown += time;
                rest = &rest[shape.len()..];
            }
            None => {
                shown.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    shown
}

/// The document with every screen as it is now.
fn rendered(document: &str) -> String {
    let mut session = Session::new();
    let mut text = String::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        text += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```console") else { continue };
        let wanted = info.trim().strip_prefix("exit=").map_or(0, |code| code.parse().unwrap());
        for line in lines.by_ref().take_while(|line| *line != "```") {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let (screen, code) = session.run(command);
            assert_eq!(code, wanted, "{command}\n{screen}");
            text += &format!("$ {command}\n{screen}");
        }
        text += "```\n";
    }
    text
}

#[test]
fn every_screen_of_the_document_is_what_the_program_prints() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let document = fs::read_to_string(&file).unwrap();
    let now = rendered(&document);
    if std::env::var_os("KEYSTROKE_BLESS").is_some() {
        fs::write(&file, now).unwrap();
        return;
    }
    for (number, (shown, printed)) in document.lines().zip(now.lines()).enumerate() {
        assert_eq!(shown, printed, "docs/cli.md, line {}: KEYSTROKE_BLESS=1 rewrites it", number + 1);
    }
    assert_eq!(document.lines().count(), now.lines().count(), "docs/cli.md: KEYSTROKE_BLESS=1 rewrites it");
}

/// The text of each section that is named as a command.
fn sections() -> BTreeMap<&'static str, &'static str> {
    let document = include_str!("../../../../docs/cli.md");
    let sections = document.split("\n## ").skip(1);
    sections.filter_map(|section| section.split_once('\n')).collect()
}

/// Every name of a field, with those of the fields in it. What is a map of the reader's own names has none.
fn fields(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                fields(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, names)),
        _ => {}
    }
}

/// All commands of the document once more, with `--json`: each prints one object, whose fields stand in its section, and
/// the fields of what is in them somewhere in the document.
#[test]
fn every_command_prints_json_and_its_fields_are_documented() {
    let document = include_str!("../../../../docs/cli.md");
    let sections = sections();
    // Every second part is a screen.
    let prose: String = document.split("```").step_by(2).collect();
    let mut session = Session::new();
    let mut done = BTreeSet::new();
    let mut wanted = 0;
    for line in document.lines() {
        if let Some(info) = line.strip_prefix("```console") {
            wanted = info.trim().strip_prefix("exit=").map_or(0, |code| code.parse().unwrap());
        }
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let Some((_, keystroke)) = command.split_once("keystroke ").filter(|_| !command.starts_with("cat "))
        else {
            session.run(command);
            continue;
        };
        let words: Vec<&str> = keystroke.split(' ').collect();
        let (one, two) = (words[0], words.iter().take(2).copied().collect::<Vec<_>>().join(" "));
        let name = if sections.contains_key(two.as_str()) { two } else { one.to_owned() };
        let command = command.split(" > ").next().unwrap();
        let json = if command.ends_with("--json") { String::new() } else { " --json".to_owned() };
        let (screen, code) = session.run(&format!("{command}{json}"));
        assert_eq!(code, wanted, "{command}\n{screen}");
        let value: Value =
            serde_json::from_str(&screen).unwrap_or_else(|error| panic!("{command}: {error}\n{screen}"));
        if code != 0 {
            continue;
        }
        for field in value.as_object().unwrap().keys().filter(|field| *field != "notices") {
            assert!(
                sections[name.as_str()].contains(&format!("`{field}`")),
                "`{name}` does not document `{field}`"
            );
        }
        let mut all = BTreeSet::new();
        fields(&value, &mut all);
        for field in all {
            let named = [format!("`{field}`"), format!("{{\"{field}\":")];
            assert!(
                named.iter().any(|named| prose.contains(named)),
                "docs/cli.md does not document `{field}`, of `{name}`"
            );
        }
        done.insert(name);
    }
    let mut left = support::commands();
    left.retain(|command| !done.contains(command));
    // It needs a terminal, and then it is `credentials set`.
    assert_eq!(left, ["connect"], "a command without a screen that succeeds");
}

#[test]
fn every_command_has_its_section_its_screen_and_its_json() {
    let sections = sections();
    for name in support::commands() {
        let section =
            sections.get(name.as_str()).unwrap_or_else(|| panic!("docs/cli.md has no section `{name}`"));
        assert!(section.contains("\n$ keystroke "), "`{name}` has no screen");
        assert!(section.contains("\nJSON"), "`{name}` does not say what its JSON is");
    }
}
