//! `keystroke connect`: asks for static fields on the terminal and stores them, as `credentials set` does. OAuth
//! comes later; until then this says so rather than storing an API key where an account is needed.

use keystroke_core::{CredentialKind, ManifestField};
use keystroke_vault::{Filter, VaultError};

use super::credentials::Placement;
use super::open::open;
use super::unused_flags;
use crate::args::{ConnectArgs, ContextArgs};
use crate::context::Context;
use crate::error::CliError;
use crate::input::names::{check_field, check_key};
use crate::input::{ask, prompt};
use crate::output::{Output, Report, typed};

pub(super) fn connect(args: ConnectArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    check_key(&args.key)?;
    for field in &args.fields {
        check_field(field).map_err(|problem| {
            CliError::usage(format!("a `--field` {problem}"), "name fields such as `api_key`")
        })?;
    }
    let context = Context::find(flags)?;
    let placement = Placement::find(&args.key, &args.new, &args.manifest, &context)?;
    if !args.fields.is_empty() {
        placement.check_names(&args.fields.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    unused_flags::tell_owners(placement.owners.iter(), flags, output);
    refuse_accounts(&args.key, &context)?;
    if !prompt::is_possible() {
        return Err(CliError::refused(
            "no_terminal",
            "`connect` asks for the secret, but there is no terminal to ask on (OAuth comes later)",
            format!("run `{}`", placement.as_set(&args.fields, &args.manifest, flags)),
        ));
    }
    let wanted = |field: &ManifestField| args.fields.is_empty() || args.fields.contains(&field.name);
    let names = if args.fields.is_empty() { &["api_key".to_owned()][..] } else { &args.fields };
    let fields = ask::fields(&placement.rules(), wanted, names, output)?;
    placement.store(&fields, output)
}

/// If the vault knows the key as an account's, a typed secret cannot take its place.
fn refuse_accounts(key: &str, context: &Context) -> Result<(), CliError> {
    let vault = match open() {
        Err(VaultError::NoVault { .. }) => return Ok(()),
        vault => vault?,
    };
    let filter = Filter { organization: Some(context.organization.clone()), key: Some(key.to_owned()) };
    let records = vault.list(&filter)?;
    match records.iter().find(|record| record.candidate.kind != CredentialKind::ApiKey) {
        None => Ok(()),
        Some(record) => Err(CliError::refused(
            "not_supported",
            format!(
                "`{}` is an account (`{}`, kind `{}`), and connecting accounts comes later: for now `connect` takes API keys",
                typed::key(key),
                record.candidate.id,
                record.candidate.kind
            ),
            "connect the account in the program that made it",
        )),
    }
}
