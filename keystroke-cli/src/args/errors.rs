//! clap's errors, without what the user typed and with what to do.
//!
//! A mistake such as `--set api_key= sk-123`, an unquoted value with a space or a variable in the wrong place turns a secret
//! into an argument, a value or a command, and clap would print it back, into the log of a CI job for instance.

use clap::CommandFactory as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::command::Cli;
use crate::error::{CliError, Refusal};
use crate::output::typed::is_near;

/// The kinds of context in which clap repeats the command line. In errors of other kinds the argument's name is ours, such
/// as `--scope <SCOPE>`.
const TYPED: [ContextKind; 2] = [ContextKind::InvalidValue, ContextKind::InvalidSubcommand];
/// Our names that resemble what was typed; clap makes each a tip.
const SIMILAR: [ContextKind; 3] =
    [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];

/// An error of clap's as this program shows it: to people by clap, to programs as a refusal.
pub(super) fn scrubbed(error: clap::Error) -> CliError {
    let error = without_values(error);
    let refusal = error.use_stderr().then(|| refusal(&error));
    CliError::Clap { error: Box::new(error), refusal }
}

/// The same error, with `…` for all that was typed, and a tip where clap has none.
fn without_values(mut error: clap::Error) -> clap::Error {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return error;
    }
    only_near(&mut error);
    let tip = tip(&error);
    // clap's own tips of this kind repeat what was typed.
    error.remove(ContextKind::Suggested);
    if let Some(tip) = tip {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    // In that one the command is ours, and lacks the next word.
    if error.kind() != ErrorKind::MissingSubcommand {
        for kind in TYPED {
            hide(&mut error, kind, |_| None);
        }
    }
    if error.kind() == ErrorKind::UnknownArgument {
        hide(&mut error, ContextKind::InvalidArg, |argument| {
            argument.split('=').next().filter(|name| is_flag(name))
        });
    }
    error
}

/// Removes clap's suggestions that no typing mistake explains: it suggests `--json` for `--reason`.
fn only_near(error: &mut clap::Error) {
    let typed = TYPED.into_iter().chain([ContextKind::InvalidArg]).find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(typed)) => typed.split('=').next().map(str::to_owned),
        _ => None,
    });
    let Some(typed) = typed else { return };
    let bare = |text: &str| text.trim_start_matches('-').to_owned();
    // A beginning stands for the whole.
    let is_meant = |name: &String| is_near(&typed, name) || bare(name).starts_with(&bare(&typed));
    for kind in SIMILAR {
        let kept = match error.get(kind) {
            Some(ContextValue::String(name)) if !is_meant(name) => None,
            Some(ContextValue::Strings(names)) => {
                let near: Vec<String> = names.iter().filter(|name| is_meant(name)).cloned().collect();
                (!near.is_empty()).then_some(ContextValue::Strings(near))
            }
            _ => continue,
        };
        error.remove(kind);
        // The usage belongs to what clap took it for.
        if kept.is_none() && kind == ContextKind::SuggestedArg {
            error.remove(ContextKind::Usage);
        }
        if let Some(kept) = kept {
            error.insert(kind, kept);
        }
    }
}

/// Puts `…` in place of the text of `kind`, except for the part that may be shown.
fn hide(error: &mut clap::Error, kind: ContextKind, shown: impl Fn(&str) -> Option<&str>) {
    let hidden = match error.get(kind) {
        // clap has its own words for a missing value.
        Some(ContextValue::String(text)) if text.is_empty() => return,
        Some(ContextValue::String(text)) => shown(text).unwrap_or("…").to_owned(),
        Some(_) => "…".to_owned(),
        None => return,
    };
    error.insert(kind, ContextValue::String(hidden));
}

/// Whether it can only be the name of a flag.
fn is_flag(name: &str) -> bool {
    let word = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match name.strip_prefix("--") {
        Some(long) => long.len() <= 20 && word(long),
        None => name.starts_with('-') && name.chars().count() <= 2,
    }
}

/// What to do, unless clap says it with our names that resemble what was typed.
fn tip(error: &clap::Error) -> Option<String> {
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(command) = elsewhere(&Cli::command(), "keystroke", typed)
    {
        return Some(format!("use `{command}`"));
    }
    if SIMILAR.iter().any(|kind| error.get(*kind).is_some()) {
        return None;
    }
    let tip = match error.kind() {
        ErrorKind::UnknownArgument => match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(argument)) if is_flag(argument) => {
                "`--help` shows the flags of this command"
            }
            _ => "it is not shown because it may be a secret; values with spaces need quotes",
        },
        ErrorKind::InvalidSubcommand => "`keystroke --help` shows the commands",
        ErrorKind::InvalidValue => match error.get(ContextKind::InvalidValue) {
            Some(ContextValue::String(value)) if value.is_empty() => "write the value, or leave out the flag",
            _ => "use one of the possible values",
        },
        ErrorKind::ValueValidation => "`--help` shows what it takes",
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            "a flag such as `--json` takes no value, and other flags take one"
        }
        ErrorKind::MissingRequiredArgument => "add what is missing",
        ErrorKind::MissingSubcommand => "add one of these words; `--help` says what they do",
        ErrorKind::ArgumentConflict => "leave out one of them",
        ErrorKind::InvalidUtf8 => "give names and values as UTF-8",
        _ => "`--help` shows what the command takes",
    };
    Some(tip.to_owned())
}

/// The command of this name elsewhere: `credentials list` for `list`.
fn elsewhere(above: &clap::Command, path: &str, name: &str) -> Option<String> {
    above.get_subcommands().find_map(|command| {
        let path = format!("{path} {}", command.get_name());
        if command.get_name() == name { Some(path) } else { elsewhere(command, &path, name) }
    })
}

/// The error as a refusal, for `--json`.
fn refusal(error: &clap::Error) -> Refusal {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut parts = text.split("\n\n");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = one_line(parts.next().unwrap_or_default());
    let tips: Vec<String> =
        text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).map(one_line).collect();
    let fix = if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage)
        && error.kind() == ErrorKind::MissingRequiredArgument
    {
        // People see it below.
        let usage = usage.to_string().replace('|', " or ").replace(['<', '>'], "");
        format!("add what is missing: {}", one_line(usage.trim_start_matches("Usage:")))
    } else if tips.is_empty() {
        "run the command with `--help` to see what it takes".to_owned()
    } else {
        tips.join("; ")
    };
    Refusal { exit: u8::try_from(error.exit_code()).unwrap_or(2), ..Refusal::usage(message, fix) }
}
