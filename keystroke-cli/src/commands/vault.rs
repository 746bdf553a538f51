//! `keystroke vault …`: making and checking the vault.

use keystroke_vault::{KeySource, Vault};
use serde::Serialize;

use super::{made, open, options};
use crate::error::CliError;
use crate::output::{Output, Report};
use crate::text::{self, count};

pub(super) fn init(output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        audit: String,
        key: Key,
    }
    #[derive(Serialize)]
    struct Key {
        id: String,
        source: &'static str,
        file: Option<String>,
        created: bool,
    }
    let (_, created) = Vault::init(options()?)?;
    let (source, file) = match &created.key_source {
        KeySource::File(file) => ("file", Some(file.display().to_string())),
        KeySource::Environment(_) => ("environment", None),
        KeySource::Given => ("given", None),
        KeySource::Keyring(_) => ("keyring", None),
    };
    let json = Json {
        vault: created.vault_file.display().to_string(),
        audit: created.audit_file.display().to_string(),
        key: Key { id: created.key_id.clone(), source, file, created: created.new_key },
    };
    let lines = made(&created).map(|line| text::line(&line).into_owned() + "\n");
    output.of(lines.concat(), json)
}

pub(super) fn verify(output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        instances: usize,
        groups: usize,
        assignments: usize,
        audit_entries: u64,
    }
    let vault = open()?;
    let file = vault.options().vault_file().display().to_string();
    let verified = vault.verify()?;
    let people = format!(
        "the vault {} is sound: {}, {}, {}\n",
        text::line(&file),
        count(verified.instances as u64, "instance"),
        count(verified.assignments as u64, "assignment"),
        count(verified.audit_entries, "audit entry"),
    );
    let json = Json {
        vault: file,
        instances: verified.instances,
        groups: verified.groups,
        assignments: verified.assignments,
        audit_entries: verified.audit_entries,
    };
    output.of(people, json)
}
