//! `keystroke audit`: who used and changed credentials, when, and by which rule.

use std::time::SystemTime;

use keystroke_vault::{AuditEntry, AuditFilter};
use serde::Serialize;

use super::known_names::KnownNames;
use super::open::open;
use crate::args::{AuditArgs, AuditCommand, ContextArgs};
use crate::context::DEFAULT;
use crate::error::CliError;
use crate::input::names::check_key;
use crate::output::{self, Output, Report, text};

pub(super) fn audit(args: AuditArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        entries: Vec<AuditEntry>,
    }
    let AuditArgs { command, key, since, limit } = args;
    if let Some(AuditCommand::Prune { before }) = command {
        return prune(before, output);
    }
    key.as_deref().map_or(Ok(()), check_key)?;
    let ContextArgs { organization, project, as_user } = flags.clone();
    let filter = AuditFilter { organization, project, user: as_user, key, since, limit };
    let vault = open()?;
    let entries = vault.audit(&filter)?;
    let people = if entries.is_empty() {
        let organization = flags.organization.as_deref().unwrap_or(DEFAULT);
        KnownNames::of(&vault, organization).tell_slips(
            flags.project.as_deref(),
            flags.as_user.as_deref(),
            output,
        );
        "no audit entries\n".to_owned()
    } else {
        output::table(["TIME", "EVENT", "CREDENTIAL", "BY", "ACTION"], 3, entries.iter().map(row))
    };
    output.of(people, Json { entries })
}

fn prune(before: SystemTime, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Json {
        pruned: u64,
    }
    let pruned = open()?.prune_audit(before)?;
    let people = match pruned {
        0 => format!("no entries are older than {}; nothing was removed\n", text::time(before)),
        _ => format!("removed {} older than {}\n", text::count(pruned, "audit entry"), text::time(before)),
    };
    output.of(people, Json { pruned })
}

/// `search`, or `researcher: search` if an agent, workflow or poll called it; for a move, the owner before.
fn used_for(entry: &AuditEntry) -> String {
    if entry.event == "move" {
        return entry.cause.clone().unwrap_or_default();
    }
    let action = entry.action.as_deref().unwrap_or_default();
    match entry.consumer.as_deref().and_then(|consumer| consumer.split_once(' ')) {
        Some((_, slug)) => format!("{slug}: {action}"),
        None => action.to_owned(),
    }
}

fn row(entry: &AuditEntry) -> [String; 5] {
    let event: Vec<&str> = [Some(&entry.event), entry.rule.as_ref(), entry.code.as_ref()]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let credential = match (&entry.instance, entry.version) {
        (Some(id), Some(version)) => format!("{id} v{version}"),
        (Some(id), None) => id.clone(),
        // For the vault's own key, its id; for pruned rows, which.
        (None, _) => {
            let what = [&entry.key, &entry.field, &entry.cause].into_iter().flatten().next();
            what.cloned().unwrap_or_default()
        }
    };
    [text::time(entry.at), event.join(" "), credential, entry.program.clone(), used_for(entry)]
}
