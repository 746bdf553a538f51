use std::time::{Duration, SystemTime};

use clap::{CommandFactory as _, Parser as _};

use super::Cli;
use super::values::since;

fn commands(command: &clap::Command) -> Vec<clap::Command> {
    let below = command.get_subcommands().flat_map(commands);
    std::iter::once(command.clone()).chain(below).collect()
}

/// Words of a command line, with double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn clap_finds_no_fault() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_examples_and_they_parse() {
    for command in commands(&Cli::command()) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (_, examples) =
            help.split_once("Examples:\n").unwrap_or_else(|| panic!("{}: no examples", command.get_name()));
        let examples: Vec<_> = examples.lines().map_while(|line| line.strip_prefix("  ")).collect();
        assert!(!examples.is_empty(), "{}", command.get_name());
        for example in examples {
            // The rest is the shell's.
            let (example, _) = example.split_once(" > ").unwrap_or((example, ""));
            if let Err(error) = Cli::try_parse_from(words(example)) {
                panic!("{example}\n{error}");
            }
        }
    }
}

#[test]
fn help_fits_a_terminal() {
    for mut command in commands(&Cli::command()) {
        let help = command.render_long_help().to_string();
        for line in help.lines() {
            assert!(line.chars().count() <= 104, "{}: {line}", command.get_name());
        }
    }
}

#[test]
fn a_moment_is_a_time_or_a_while_ago() {
    let seconds = |text: &str| since(text).unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(seconds("1970-01-02T00:00:00Z"), 86_400);
    assert_eq!(seconds("1970-01-02"), 86_400);
    assert_eq!(seconds("1970-01-02 00:00:01"), 86_401);
    assert_eq!(seconds("1970-01-02T02:00:00+02:00"), 86_400);
    assert_eq!(seconds("1970-01-01T22:30:00-01:30"), 86_400);
    let two_hours = Duration::from_secs(7_200);
    let before = SystemTime::now();
    let then = since("2h").unwrap() + two_hours;
    assert!(before <= then && then <= SystemTime::now());
    for wrong in ["", "yesterday", "2026-13-01", "1970-01-01T00:00:00+2", "-2h"] {
        assert!(since(wrong).is_err(), "{wrong}");
    }
}
