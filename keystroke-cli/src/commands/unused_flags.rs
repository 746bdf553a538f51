//! Which commands use `--organization`, `--project` and `--as-user`. All commands accept them, so a flag without effect
//! would be misleading: `revoke --project research` would revoke for all.

use keystroke_core::Owner;

use crate::args::{AuditCommand, Command, ContextArgs, CredentialsCommand, TokensCommand, VaultCommand};
use crate::error::{CliError, Refusal, Refusals};
use crate::output::Output;

/// The flags that a command uses.
struct Looks {
    organization: bool,
    project: bool,
    user: bool,
}

const NONE: Looks = Looks { organization: false, project: false, user: false };
const ORGANIZATION: Looks = Looks { organization: true, project: false, user: false };
const PROJECT: Looks = Looks { organization: true, project: true, user: false };
const ALL: Looks = Looks { organization: true, project: true, user: true };

const fn looks_at(command: &Command) -> Looks {
    match command {
        Command::Vault(VaultCommand::Export { .. }) => ORGANIZATION,
        Command::Vault(_) | Command::Completions { .. } => NONE,
        #[cfg(feature = "oauth")]
        Command::Providers(_) => NONE,
        Command::Explain(_) | Command::Check(_) => ALL,
        Command::Audit(audit) => match audit.command {
            Some(AuditCommand::Prune { .. }) => NONE,
            None => ALL,
        },
        Command::Tokens(TokensCommand::Create(_)) => ALL,
        Command::Tokens(TokensCommand::List | TokensCommand::Revoke { .. }) => ORGANIZATION,
        // They say so themselves, once they know for whom they store: `tell_owners`.
        Command::Connect(_) => ALL,
        Command::Credentials(command) => match command {
            CredentialsCommand::Set(_)
            | CredentialsCommand::Import(_)
            | CredentialsCommand::Move(_)
            | CredentialsCommand::List(_) => ALL,
            CredentialsCommand::Show { .. }
            | CredentialsCommand::Update(_)
            | CredentialsCommand::Rotate(_)
            | CredentialsCommand::Revoke { .. }
            | CredentialsCommand::Delete { .. }
            | CredentialsCommand::Discard { .. } => ORGANIZATION,
            CredentialsCommand::Assign { .. }
            | CredentialsCommand::Unassign { .. }
            | CredentialsCommand::Assignments => PROJECT,
        },
    }
}

/// Whether what the command does can't be undone. Then a flag without effect is refused: whoever wrote it expects less to
/// happen, and a warning would come too late.
const fn is_final(command: &Command) -> bool {
    match command {
        Command::Credentials(
            CredentialsCommand::Revoke { .. }
            | CredentialsCommand::Delete { .. }
            | CredentialsCommand::Discard { .. },
        )
        | Command::Tokens(TokensCommand::Revoke { .. })
        | Command::Vault(VaultCommand::Restore { .. }) => true,
        Command::Audit(audit) => matches!(audit.command, Some(AuditCommand::Prune { .. })),
        _ => false,
    }
}

/// Says which of the flags that were given have no effect, and refuses them on a command that can't be undone.
pub(super) fn tell(command: &Command, flags: &ContextArgs, output: &Output) -> Result<(), CliError> {
    let mut refused = Refusals::default();
    let Looks { organization, project, user } = looks_at(command);
    for (flag, given, looks) in [
        ("--organization", &flags.organization, organization),
        ("--project", &flags.project, project),
        ("--as-user", &flags.as_user, user),
    ] {
        if given.is_none() || looks {
            continue;
        }
        let message = format!("`{flag}` has no effect on this command");
        if is_final(command) {
            refused.push(Refusal::usage(
                format!("{message}, which cannot be undone"),
                format!("leave out `{flag}`, if you mean what the command does without it"),
            ));
        } else {
            output.warning("no_effect", &message);
        }
    }
    refused.into_result()
}

/// The same for a command that stores: its flags count only together with their scope.
pub(super) fn tell_owners<'a>(
    owners: impl Iterator<Item = &'a Owner> + Clone,
    flags: &ContextArgs,
    output: &Output,
) {
    let is = |wanted: &dyn Fn(&Owner) -> bool| owners.clone().any(wanted);
    if let Some(project) = &flags.project
        && !is(&|owner| matches!(owner, Owner::Project(other) if other == project))
    {
        let message = format!("`--project {project}` has no effect without `--scope project`");
        output.warning("no_effect", &message);
    }
    if let Some(user) = &flags.as_user
        && !is(&|owner| matches!(owner, Owner::User(_)))
    {
        output.warning("no_effect", &format!("`--as-user {user}` has no effect without `--scope user`"));
    }
}
