//! `keystroke vault init` and `verify`: creating a vault, and checking one.

use keystroke_vault::Vault;
use serde::Serialize;

use super::keys::KeyJson;
use super::verified::{VerifiedJson, counted};
use crate::commands::open::{made, open, options};
use crate::error::CliError;
use crate::output::{Output, Report, text};

pub(super) fn init(output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        audit: String,
        key: Key,
    }
    #[derive(Serialize)]
    struct Key {
        #[serde(flatten)]
        key: KeyJson,
        created: bool,
    }
    let (_, created) = Vault::init(options()?)?;
    let key = KeyJson::new(&created.key_id, &created.key_source);
    let json = Json {
        vault: created.vault_file.display().to_string(),
        audit: created.audit_file.display().to_string(),
        key: Key { key, created: created.new_key },
    };
    let lines = made(&created).map(|line| text::line(&line).into_owned() + "\n");
    output.of(lines.concat(), json)
}

pub(super) fn verify(output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        vault: String,
        #[serde(flatten)]
        verified: VerifiedJson,
    }
    let vault = open()?;
    let file = vault.options().vault_file().display().to_string();
    let verified = vault.verify()?;
    let people = format!("the vault {} is sound: {}\n", text::line(&file), counted(&verified));
    output.of(people, Json { vault: file, verified: (&verified).into() })
}
