//! The program `keystroke`: keeps, lists and explains credentials in the local vault.
//!
//! `main` only joins the parts: [`process`] protects what is going to be held, [`args`] reads the command line, [`commands`]
//! does the work and gives a report, and [`output`] shows it. What a person gives is understood in [`input`], what an
//! application declares in [`manifest`].

mod args;
mod commands;
mod context;
mod error;
mod file;
mod input;
mod manifest;
mod output;
mod process;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::output::Output;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let output = Output::new(args::asks_for_json(&arguments));
    process::protect(&output);
    let result = args::parse(arguments)
        .and_then(|cli| commands::run(cli, &output))
        .and_then(|report| output.report(&report));
    match result {
        Ok(code) => code,
        Err(error) => output.failure(error),
    }
}
