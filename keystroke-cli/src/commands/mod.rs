//! The commands, a file for each group. Each takes what clap parsed and gives a report.

mod assignments;
mod audit;
mod change;
mod connect;
mod credentials;
mod explain;
mod vault;

use keystroke_core::InstanceId;
use keystroke_vault::{Created, KeySource, Record, Vault, VaultError, VaultOptions};

use crate::cli::{Cli, Command, ContextArgs, Credentials, VaultCommand};
use crate::error::CliError;
use crate::output::{Output, Report};

/// Does what the command line says.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Report, CliError> {
    let context = &cli.context;
    match cli.command {
        Command::Vault(VaultCommand::Init) => vault::init(output),
        Command::Vault(VaultCommand::Verify) => vault::verify(output),
        Command::Explain(explain) => explain::explain(explain, context, output),
        Command::Audit(audit) => audit::audit(audit, context, output),
        Command::Connect(connect) => connect::connect(connect, context, output),
        Command::Credentials(command) => match command {
            Credentials::Set(set) => credentials::set(set, context, output),
            Credentials::List { key } => credentials::list(key, context, output),
            Credentials::Show { id } => credentials::show(&id, context, output),
            Credentials::Update { id, label, default } => {
                change::update(&id, label, default, context, output)
            }
            Credentials::Rotate { id, sets, allow_short } => {
                change::rotate(&id, sets, allow_short, context, output)
            }
            Credentials::Revoke { id } => change::revoke(&id, context, output),
            Credentials::Delete { id, yes } => change::delete(&id, yes, context, output),
            Credentials::Assign { id, consumer, action } => {
                assignments::assign(&id, consumer.consumer(), &action, context, output)
            }
            Credentials::Unassign { key, consumer, action } => {
                assignments::unassign(&key, consumer.consumer(), &action, context, output)
            }
            Credentials::Assignments => assignments::list(context, output),
        },
    }
}

fn options() -> Result<VaultOptions, VaultError> {
    Ok(VaultOptions::from_env()?.program("keystroke"))
}

fn open() -> Result<Vault, VaultError> {
    Vault::open_with(options()?)
}

/// The vault, made if there is none; a new one is told of.
fn open_or_init(output: &Output) -> Result<Vault, VaultError> {
    let (vault, created) = Vault::open_or_init(options()?)?;
    if let Some(created) = created {
        // A line each for people; one text for programs.
        if output.is_json() {
            output.notice("vault_created", &made(&created).join("; "));
        } else {
            made(&created).iter().for_each(|line| output.notice("vault_created", line));
        }
    }
    Ok(vault)
}

/// What the user must know of a new vault.
fn made(created: &Created) -> [String; 3] {
    let key = if created.new_key { "made its key" } else { "it is sealed with the key" };
    let (source, keep) = match &created.key_source {
        KeySource::File(file) => {
            (format!("the file {}", file.display()), "back that file up, apart from the vault")
        }
        other => (other.to_string(), "keep that key safe, apart from the vault"),
    };
    [
        format!("made the vault {}", created.vault_file.display()),
        format!("{key} `{}` in {source}", created.key_id),
        format!("{keep}: if the key is lost, nobody can read these credentials again"),
    ]
}

/// The record with this id. An organization that was named on the command line must be its own: an id copied from
/// elsewhere is a slip.
fn find(vault: &Vault, id: &str, context: &ContextArgs) -> Result<Record, CliError> {
    let missing = || VaultError::NoSuchInstance { id: InstanceId::from(id) };
    let record = vault.get(&InstanceId::from(id))?;
    match &context.organization {
        Some(organization) if *organization != record.candidate.organization => Err(missing().into()),
        _ => Ok(record),
    }
}

/// A key for a text, if it can be one; else it may be anything, a secret too.
fn key_shown(key: &str) -> &str {
    let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if key.len() <= 64 && key.chars().all(slug) { key } else { "<key>" }
}
