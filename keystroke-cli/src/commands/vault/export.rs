//! `keystroke vault export --metadata`: everything in the vault except its secrets, for other programs, and for comparing
//! two vaults or two days.

use keystroke_vault::{Filter, KeyName, Metadata};
use serde::Serialize;

use crate::args::ContextArgs;
use crate::commands::open::open;
use crate::error::CliError;
use crate::output::{AssignmentJson, Output, RecordJson, Report, text};

/// Raised when programs that read exports must change.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Json<'a> {
    format: u32,
    generation: u64,
    keys: Vec<KeyJson<'a>>,
    instances: Vec<RecordJson<'a>>,
    assignments: Vec<AssignmentJson<'a>>,
}

#[derive(Serialize)]
struct KeyJson<'a> {
    id: &'a str,
    created_at: String,
}

impl<'a> From<&'a KeyName> for KeyJson<'a> {
    fn from(key: &'a KeyName) -> Self {
        Self { id: &key.id, created_at: text::time(key.created_at) }
    }
}

pub(super) fn export(metadata: bool, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    if !metadata {
        return Err(CliError::usage(
            "secrets are never exported",
            "add `--metadata` to export everything else; `keystroke vault backup` copies the secrets too",
        ));
    }
    let filter = Filter { organization: flags.organization.clone(), key: None };
    let all: Metadata = open()?.metadata(&filter)?;
    let json = Json {
        format: FORMAT,
        generation: all.generation,
        keys: all.keys.iter().map(KeyJson::from).collect(),
        instances: all.records.iter().map(RecordJson::from).collect(),
        assignments: all
            .assignments
            .iter()
            .map(|(place, key, id)| AssignmentJson::new(place, key, id))
            .collect(),
    };
    // An export is for programs, whoever asks for it.
    output.of_json(json)
}
