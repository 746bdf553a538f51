//! The commands, a file or a folder for each group. Each takes what clap parsed and gives a report.
//!
//! What a person gives is understood in `input/`, what an application declares in `manifest/`, and how things look is in
//! `output/`; here is what is done with them.

mod audit;
mod check;
mod completions;
mod confirm;
mod connect;
mod credentials;
mod executor;
mod explain;
mod known_names;
mod open;
#[cfg(feature = "oauth")]
mod providers;
mod tokens;
mod unused_flags;
mod vault;

use crate::args::{Cli, Command};
use crate::error::CliError;
use crate::output::{Output, Report};

/// Does what the command line says.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Report, CliError> {
    let flags = &cli.context;
    unused_flags::tell(&cli.command, flags, output)?;
    match cli.command {
        Command::Credentials(command) => credentials::run(command, flags, output),
        Command::Vault(command) => vault::run(command, flags, output),
        Command::Explain(args) => explain::explain(args, flags, output),
        Command::Check(args) => check::check(args, flags, output),
        Command::Audit(args) => audit::audit(args, flags, output),
        Command::Tokens(command) => tokens::run(command, flags, output),
        #[cfg(feature = "oauth")]
        Command::Providers(command) => providers::run(command, output),
        Command::Connect(args) => connect::connect(args, flags, output),
        Command::Completions { shell } => completions::completions(shell, output),
    }
}
