//! Parsing the command line. A key or a token in place of a name is refused here, before any command sees it.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, CommandFactory as _, FromArgMatches as _, ValueHint};
use keystroke_files::{holds_secret, is_secret_path};

use super::command::Cli;
use super::errors::scrubbed;
use crate::error::CliError;

/// Arguments that may hold secrets, and those that only [`crate::output::typed`] repeats.
const WITH_WORDS_OF_THEIR_OWN: [&str; 7] = ["sets", "maps", "id", "key", "fields", "unset", "allow_short"];

/// Reads the command line.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Cli, CliError> {
    let mut command = Cli::command();
    // Arguments can be named only once the command is built.
    command.build();
    let mut matches = command.clone().try_get_matches_from(arguments).map_err(scrubbed)?;
    check_names(&command, &matches, &[])?;
    Cli::from_arg_matches_mut(&mut matches).map_err(scrubbed)
}

/// Refuses a key or a token in place of a name (a label, a project, a folder): it would be stored unsealed, or shown in
/// errors.
fn check_names(command: &clap::Command, matches: &ArgMatches, above: &[&Arg]) -> Result<(), CliError> {
    let known: Vec<&Arg> = command.get_arguments().chain(above.iter().copied()).collect();
    for argument in &known {
        let id = argument.get_id().as_str();
        if WITH_WORDS_OF_THEIR_OWN.contains(&id) {
            continue;
        }
        let values = matches.try_get_raw(id).ok().flatten().into_iter().flatten();
        let is_path = argument.get_value_hint() == ValueHint::AnyPath;
        for value in values {
            if holds_secret(&value.to_string_lossy()) || (is_path && is_secret_path(value.as_ref())) {
                return Err(CliError::usage(
                    format!("the value of `{argument}` looks like a key or a token, so it is not shown"),
                    "give a name there, and store the secret with `credentials set` and `--set field=@stdin`",
                ));
            }
        }
    }
    match matches.subcommand() {
        Some((name, matches)) => {
            command.find_subcommand(name).map_or(Ok(()), |command| check_names(command, matches, &known))
        }
        None => Ok(()),
    }
}

/// Whether `--json` is among the arguments, for errors that clap finds before it has parsed it.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}
