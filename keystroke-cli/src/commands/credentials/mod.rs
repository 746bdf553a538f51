//! `keystroke credentials …`, a file for each command or two.

mod assignments;
mod discard;
mod import;
mod list;
mod placement;
mod relocate;
mod remove;
mod rotate;
mod set;
mod short_values;
mod unusable;
mod update;

pub(super) use self::placement::Placement;
use crate::args::{ContextArgs, CredentialsCommand};
use crate::error::CliError;
use crate::output::{Output, Report};

/// Does what the command line says.
pub(super) fn run(
    command: CredentialsCommand,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    match command {
        CredentialsCommand::Set(args) => set::set(args, flags, output),
        CredentialsCommand::List(args) => list::list(&args, flags, output),
        CredentialsCommand::Show { id } => list::show(&id, flags, output),
        CredentialsCommand::Update(args) => update::update(args, flags, output),
        CredentialsCommand::Rotate(args) => rotate::rotate(args, flags, output),
        CredentialsCommand::Revoke { id } => remove::revoke(&id, flags, output),
        CredentialsCommand::Delete { id, yes } => remove::delete(&id, yes, flags, output),
        CredentialsCommand::Move(args) => relocate::relocate(&args, flags, output),
        CredentialsCommand::Import(args) => import::import(args, flags, output),
        CredentialsCommand::Discard { key, yes } => discard::discard(&key, yes, flags, output),
        CredentialsCommand::Assign { id, consumer, action, manifest } => {
            let manifest = manifest.file.as_deref();
            assignments::assign(&id, consumer.consumer(), &action, manifest, flags, output)
        }
        CredentialsCommand::Unassign { key, consumer, action } => {
            assignments::unassign(&key, consumer.consumer(), &action, flags, output)
        }
        CredentialsCommand::Assignments => assignments::list(flags, output),
    }
}
