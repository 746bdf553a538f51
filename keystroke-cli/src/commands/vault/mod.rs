//! `keystroke vault …`, a file for each command or two.

mod backup;
mod export;
mod init;
mod keys;
mod verified;

use crate::args::{ContextArgs, VaultCommand};
use crate::error::CliError;
use crate::output::{Output, Report};

/// Does what the command line says.
pub(super) fn run(command: VaultCommand, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    match command {
        VaultCommand::Init => init::init(output),
        VaultCommand::Verify => init::verify(output),
        VaultCommand::NewKey { show } => keys::new_key(show, output),
        VaultCommand::RotateKey => keys::rotate_key(output),
        VaultCommand::Backup { folder } => backup::backup(&folder, output),
        VaultCommand::Restore { folder, yes } => backup::restore(&folder, yes, output),
        VaultCommand::Export { metadata } => export::export(metadata, flags, output),
    }
}
