//! The commands, a file for each group. Each takes what clap parsed and gives a report.

mod assignments;
mod audit;
mod backup;
mod change;
mod check;
mod completions;
mod confirm;
mod connect;
mod credentials;
mod discard;
mod effect;
mod explain;
mod export;
mod import;
mod known;
mod relocate;
mod tokens;
mod vault;

use keystroke_core::InstanceId;
use keystroke_vault::{Created, Filter, KeySource, Record, Vault, VaultError, VaultOptions};

use crate::cli::{Cli, Command, ContextArgs, Credentials, TokensCommand, VaultCommand};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::typed;

/// Does what the command line says.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Report, CliError> {
    let context = &cli.context;
    effect::tell(&cli.command, context, output);
    match cli.command {
        Command::Vault(VaultCommand::Init) => vault::init(output),
        Command::Vault(VaultCommand::NewKey { show }) => vault::new_key(show, output),
        Command::Vault(VaultCommand::Verify) => vault::verify(output),
        Command::Vault(VaultCommand::RotateKey) => vault::rotate_key(output),
        Command::Vault(VaultCommand::Backup { folder }) => backup::backup(&folder, output),
        Command::Vault(VaultCommand::Restore { folder, yes }) => backup::restore(&folder, yes, output),
        Command::Vault(VaultCommand::Export { metadata }) => export::export(metadata, context, output),
        Command::Completions { shell } => completions::completions(shell, output),
        Command::Explain(explain) => explain::explain(explain, context, output),
        Command::Check(check) => check::check(check, context, output),
        Command::Audit(audit) => audit::audit(audit, context, output),
        Command::Tokens(TokensCommand::Create { label, expires_in, tools, manifest }) => {
            let only = tokens::Only { tools, manifest };
            tokens::create(label, expires_in, only, context, output)
        }
        Command::Tokens(TokensCommand::List) => tokens::list(context, output),
        Command::Tokens(TokensCommand::Revoke { id }) => tokens::revoke(&id, context, output),
        Command::Connect(connect) => connect::connect(connect, context, output),
        Command::Credentials(command) => match command {
            Credentials::Set(set) => credentials::set(set, context, output),
            Credentials::List(list) => credentials::list(list, context, output),
            Credentials::Show { id } => credentials::show(&id, context, output),
            Credentials::Update(update) => change::update(update, context, output),
            Credentials::Rotate { id, sets, unset, allow_short, keep_line_end, manifest } => {
                let new = change::New { sets, unset, allow_short, keep_line_end, manifest };
                change::rotate(&id, new, context, output)
            }
            Credentials::Revoke { id } => change::revoke(&id, context, output),
            Credentials::Delete { id, yes } => change::delete(&id, yes, context, output),
            Credentials::Move(args) => relocate::relocate(&args, context, output),
            Credentials::Import(args) => import::import(args, context, output),
            Credentials::Discard { key, yes } => discard::discard(&key, yes, context, output),
            Credentials::Assign { id, consumer, action, manifest } => {
                let manifest = manifest.file.as_deref();
                assignments::assign(&id, consumer.consumer(), &action, manifest, context, output)
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
    let source = vault::place(&created.key_source);
    let keep = match &created.key_source {
        KeySource::File(_) => "back that file up, apart from the vault",
        _ => "keep that key safe, apart from the vault",
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

/// No instance has the id. Where it is a key in its place, the fix says which ids there are.
fn no_such_instance(vault: &Vault, id: &str, flags: &ContextArgs) -> CliError {
    let refused = |message: String, fix: String| CliError::refused("no_such_instance", message, fix);
    // A broken `keystroke.toml` is another matter, and would hide this one.
    let organization = Context::find(flags).ok().map(|context| context.organization);
    let records = vault.list(&Filter { organization, key: Some(id.to_owned()) }).unwrap_or_default();
    let is_key = || format!("`{id}` is a credential key, and an id is needed");
    match records.as_slice() {
        [] => refused(
            typed::id(id).map_or_else(
                || "there is no instance with this id".to_owned(),
                |id| format!("there is no instance `{id}`"),
            ),
            "use an id that `keystroke credentials list` shows".to_owned(),
        ),
        [only] => refused(is_key(), format!("use `{}`, the id of the only one", only.candidate.id)),
        _ => refused(is_key(), format!("use one of the ids that `keystroke credentials list {id}` shows")),
    }
}

/// A key that no vault can hold is refused with the one that was meant, where that is plain.
fn check_key(key: &str) -> Result<(), CliError> {
    if keystroke_core::is_slug(key) {
        return Ok(());
    }
    let meant = slug(key);
    let fix = if looks_like_a_type(key) && typed::key(&meant) == meant {
        format!("write `{meant}`, if that is the key which the credential declares")
    } else {
        "write the key as the credential declares it, such as `exa`".to_owned()
    };
    Err(CliError::refused("invalid_text", "the key may only hold a–z, 0–9, `-` and `_`", fix))
}

/// Whether it may be a name of the code, such as `WeatherNow`, and hardly a secret.
fn looks_like_a_type(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).count();
    let capitals = text.split(|c: char| !c.is_ascii_uppercase()).map(str::len).max().unwrap_or(0);
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    first
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && words <= 4
        && capitals <= 4
}

/// `WeatherNow` as `weather-now`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    let mut after_small = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && after_small) {
            let between = !slug.is_empty() && !slug.ends_with(['-', '_']);
            slug.extend(between.then_some(if c == '_' { '_' } else { '-' }));
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    slug.trim_end_matches(['-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_type, slug};

    #[test]
    fn a_type_name_becomes_a_key() {
        for (text, key) in [
            ("WeatherNow", "weather-now"),
            ("Exa", "exa"),
            ("OpenAI", "open-ai"),
            ("Weather_Now", "weather_now"),
            ("N8n", "n8n"),
        ] {
            assert_eq!(slug(text), key);
        }
        for secret in ["JBSWYDPEHPKPXP", "aBcDeFgHiJkL", "api_key=secret", "correct horse", ""] {
            assert!(!looks_like_a_type(secret), "{secret}");
        }
    }
}
