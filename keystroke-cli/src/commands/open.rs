//! The vault that a command works on, and the records in it by their ids.

use keystroke_core::InstanceId;
use keystroke_vault::{Created, Filter, KeySource, Record, Vault, VaultError, VaultOptions};

use crate::args::ContextArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Output, typed};

pub(super) fn options() -> Result<VaultOptions, VaultError> {
    Ok(VaultOptions::from_env()?.program("keystroke"))
}

pub(super) fn open() -> Result<Vault, VaultError> {
    Vault::open_with(options()?)
}

/// The vault; if there is none, it is created, and a notice says so.
pub(super) fn open_or_init(output: &Output) -> Result<Vault, VaultError> {
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

/// What the user must know about a new vault.
pub(super) fn made(created: &Created) -> [String; 3] {
    let key = if created.new_key { "created its key" } else { "it is sealed with the key" };
    let source = key_place(&created.key_source);
    let keep = match &created.key_source {
        KeySource::File(_) => "back up that file, apart from the vault",
        _ => "keep that key safe, apart from the vault",
    };
    [
        format!("created the vault {}", created.vault_file.display()),
        format!("{key} `{}` in {source}", created.key_id),
        format!("{keep}: if the key is lost, nobody can read these credentials again"),
    ]
}

/// The record with this id. If the command line names an organization, the record must belong to it: an id from elsewhere
/// is a mistake.
pub(super) fn find(vault: &Vault, id: &str, context: &ContextArgs) -> Result<Record, CliError> {
    match vault.get(&InstanceId::from(id)) {
        Err(VaultError::NoSuchInstance { .. }) => Err(no_such_instance(vault, id, context)),
        Err(error) => Err(error.into()),
        Ok(record) => match &context.organization {
            Some(organization) if *organization != record.candidate.organization => {
                Err(no_such_instance(vault, id, context))
            }
            _ => Ok(record),
        },
    }
}

/// No instance has the id. If a key stands in its place, the fix names the ids.
fn no_such_instance(vault: &Vault, id: &str, flags: &ContextArgs) -> CliError {
    let refused = |message: String, fix: String| CliError::refused("no_such_instance", message, fix);
    let flag = flags.organization_flag();
    // A broken `keystroke.toml` is another problem, and would hide this one.
    let organization = Context::find(flags).ok().map(|context| context.organization);
    let records = vault.list(&Filter { organization, key: Some(id.to_owned()) }).unwrap_or_default();
    let is_key = || format!("`{id}` is a credential key, but an id is needed");
    match records.as_slice() {
        [] => refused(
            typed::id(id).map_or_else(
                || "there is no instance with this id".to_owned(),
                |id| format!("there is no instance `{id}`"),
            ),
            format!("use an id that `keystroke credentials list{flag}` shows"),
        ),
        [only] => refused(is_key(), format!("use `{}`, the id of the only one", only.candidate.id)),
        _ => refused(
            is_key(),
            format!("use one of the ids that `keystroke credentials list {id}{flag}` shows"),
        ),
    }
}

/// Where a key is, in words.
pub(super) fn key_place(source: &KeySource) -> String {
    match source {
        KeySource::File(file) => format!("the file {}", file.display()),
        other => other.to_string(),
    }
}
