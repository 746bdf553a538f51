//! `keystroke completions`: the script that completes commands, flags and some of their values in a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;
use serde::Serialize;

use crate::args::Cli;
use crate::error::CliError;
use crate::output::{Output, Report};

pub(super) fn completions(shell: Shell, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json<'a> {
        shell: String,
        script: &'a str,
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keystroke", &mut script);
    let script = String::from_utf8_lossy(&script);
    output.of(&*script, Json { shell: shell.to_string(), script: &script })
}
