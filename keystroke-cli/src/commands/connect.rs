//! `keystroke connect`: asks for static fields on the terminal and stores them, as `credentials set` does. OAuth
//! comes later; until then this says so rather than storing an API key where an account is needed.

use keystroke_core::scope::Scope;
use keystroke_core::{CredentialKind, ManifestField, fix};
use keystroke_vault::{Filter, VaultError};

use super::credentials::{ask, owners, store};
use super::{check_key, effect, open};
use crate::cli::{Connect, ContextArgs, New};
use crate::context::Context;
use crate::declared::Declared;
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::prompt;
use crate::set::{self, FieldRules};
use crate::typed;

pub(super) fn connect(args: Connect, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    check_key(&args.key)?;
    for field in &args.fields {
        set::check_field(field).map_err(|problem| {
            CliError::usage(format!("a `--field` {problem}"), "name fields such as `api_key`")
        })?;
    }
    let declared = Declared::find(&args.key, args.manifest.file.as_deref())?;
    if let Some(declared) = declared.as_ref().filter(|_| !args.fields.is_empty()) {
        declared.has_all(args.fields.iter().map(String::as_str))?;
        declared.is_complete(|name| args.fields.iter().any(|given| given == name))?;
    }
    let context = Context::find(flags)?;
    let owners = owners(&args.new, declared.as_ref(), &context)?;
    effect::tell_owners(owners.iter(), flags, output);
    refuse_accounts(&args.key, &context)?;
    if !prompt::is_possible() {
        return Err(CliError::refused(
            "no_terminal",
            "`connect` asks for the secret, and there is no terminal to ask on (OAuth comes later)",
            format!("run `{}`", as_set(&args, declared.as_ref(), flags)),
        ));
    }
    let rules = FieldRules {
        declared: declared.as_ref(),
        allow_short: &args.new.allow_short,
        ..FieldRules::default()
    };
    let fields = match &declared {
        Some(declared) => {
            let wanted = |field: &ManifestField| args.fields.is_empty() || args.fields.contains(&field.name);
            declared.ask(wanted, &rules, output)?
        }
        None if args.fields.is_empty() => ask(&["api_key".to_owned()], &rules, output)?,
        None => ask(&args.fields, &rules, output)?,
    };
    store(&args.key, owners, &fields, declared.as_ref(), args.new, &context, output)
}

/// Where the key is known to be an account's, a typed secret can't stand in for it.
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

/// The command that does the same without a terminal.
fn as_set(args: &Connect, declared: Option<&Declared>, flags: &ContextArgs) -> String {
    let fields: Vec<&str> = match declared {
        _ if !args.fields.is_empty() => args.fields.iter().map(String::as_str).collect(),
        Some(declared) => declared.required().collect(),
        None => vec!["api_key"],
    };
    let New { scope, project_slug, label, default, add, allow_short } = &args.new;
    let key = typed::key(&args.key);
    let fields = fields.into_iter().map(typed::field_in_command);
    let mut command = format!("keystroke credentials set {key}{}", fix::settings(key, fields, allow_short));
    let mut with = |flag: &str, value: &str| {
        command += &format!(" {flag} {}", fix::word(value));
    };
    scope.iter().for_each(|scope| with("--scope", Scope::from(*scope).as_str()));
    project_slug.iter().for_each(|project| with("--project-slug", project));
    label.iter().for_each(|label| with("--label", label));
    args.manifest.file.iter().for_each(|file| with("--manifest", &file.display().to_string()));
    flags.organization.iter().for_each(|name| with("--organization", name));
    flags.project.iter().for_each(|name| with("--project", name));
    flags.as_user.iter().for_each(|name| with("--as-user", name));
    for (given, flag) in [(*default, " --default"), (*add, " --add")] {
        command += if given { flag } else { "" };
    }
    command
}
