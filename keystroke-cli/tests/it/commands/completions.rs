//! The completion scripts: the one for bash is loaded in bash and asked, and each of the others names every command.
//! `tests/terminal.rs` presses TAB.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::{Home, commands};

/// What bash offers after each of these lines, of which the last word is not finished.
fn offered(home: &Home, lines: &[&str]) -> BTreeMap<String, Vec<String>> {
    let script = home.run(&["completions", "bash"]).ok();
    std::fs::write(home.work().join("keystroke.bash"), script).unwrap();
    let mut program = "set -eu; source keystroke.bash\n".to_owned();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let (last, before) = (words.len() - 1, words.len() - 2);
        // As bash calls it: the command, the word, and the word before it.
        program += &format!(
            "COMP_WORDS=({}); COMP_CWORD={last}; _keystroke keystroke {} {} || true\nfor reply in \"${{COMPREPLY[@]}}\"; do echo \"{line}|$reply\"; done\n",
            quoted.join(" "),
            quoted[last],
            quoted[before],
        );
    }
    let output =
        Command::new("bash").args(["--norc", "-c", &program]).current_dir(home.work()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut offered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (line, reply) in text.lines().map(|line| line.split_once('|').unwrap()) {
        offered.entry(line.to_owned()).or_default().push(reply.to_owned());
    }
    offered
}

#[test]
fn bash_completes_every_command_its_flags_and_their_values() {
    let home = Home::new();
    let all = commands();
    // A line for each command, up to the middle of its last word; and one for its flags.
    let begun: Vec<String> =
        all.iter().map(|name| format!("keystroke {}", &name[..name.len() - 1])).collect();
    let flags: Vec<String> = all.iter().map(|name| format!("keystroke {name} --")).collect();
    let values = [
        ("keystroke credentials set exa --scope ", &["organization", "project", "user"][..]),
        ("keystroke explain exa --origin sch", &["schedule"]),
        ("keystroke explain exa --pin u", &["user"]),
        ("keystroke completions z", &["zsh"]),
    ];
    let lines: Vec<&str> =
        begun.iter().chain(&flags).map(String::as_str).chain(values.iter().map(|(line, _)| *line)).collect();
    let offered = offered(&home, &lines);
    for (name, line) in all.iter().zip(&begun) {
        let last = name.rsplit(' ').next().unwrap();
        assert!(
            offered.get(line).is_some_and(|replies| replies.iter().any(|reply| reply == last)),
            "{line}: {offered:?}"
        );
    }
    for line in &flags {
        for flag in ["--json", "--organization", "--help"] {
            assert!(offered[line].iter().any(|reply| reply == flag), "{line}: {:?}", offered[line]);
        }
    }
    for (line, wanted) in values {
        assert_eq!(offered[line], wanted, "{line}");
    }
}

#[test]
fn every_shell_has_a_script_with_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).ok();
        let json = home.run(&["completions", shell]).json();
        assert_eq!((json["shell"].as_str(), json["script"].as_str()), (Some(shell), Some(script.as_str())));
        for word in commands().iter().flat_map(|name| name.split(' ')) {
            assert!(script.contains(word), "{shell}: no `{word}`");
        }
    }
    let other = home.run(&["completions", "tcsh"]).refused(2);
    assert!(other.message.contains("bash, elvish, fish, powershell, zsh"), "{other:?}");
}
