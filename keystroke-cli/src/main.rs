//! The program `keystroke`: keeps, lists and explains credentials in the local vault.
//!
//! `main` only joins the parts: [`process`] protects what is going to be held, [`cli`] reads the command line, [`commands`] does the work and gives a report,
//! [`output`] shows it, and [`prompt`] asks.

mod cli;
mod commands;
mod context;
mod declared;
mod dotenv;
mod error;
mod file;
mod manifest;
mod output;
mod process;
mod prompt;
mod set;
mod text;
mod typed;
mod usage;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::output::Output;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let output = Output::new(usage::asks_for_json(&arguments));
    process::protect(&output);
    let result = usage::parse(arguments)
        .and_then(|cli| commands::run(cli, &output))
        .and_then(|report| output.report(&report));
    match result {
        Ok(code) => code,
        Err(error) => output.failure(error),
    }
}
