//! Records and assignments as people see them. No view contains a value.

use keystroke_core::{Assignment, Consumer, InstanceId, Owner};
use keystroke_vault::Record;

use super::table::{facts, table};
use super::text;

pub(super) fn status(record: &Record) -> &'static str {
    match record.candidate.status {
        keystroke_core::Status::Active => "active",
        keystroke_core::Status::NeedsReconnect => "needs_reconnect",
        keystroke_core::Status::Revoked => "revoked",
    }
}

/// `organization acme`, `project research`, `user ada`: whose it is.
pub(crate) fn owner(record: &Record) -> String {
    owner_of(&record.candidate.owner, &record.candidate.organization)
}

pub(crate) fn owner_of(owner: &Owner, organization: &str) -> String {
    match owner {
        Owner::Organization => format!("organization {organization}"),
        Owner::Project(project) => format!("project {project}"),
        Owner::User(user) => format!("user {user}"),
    }
}

/// `` `exa-7k2m` (Research) ``
pub(crate) fn named(record: &Record) -> String {
    let id = &record.candidate.id;
    let named = record
        .candidate
        .label
        .as_ref()
        .map_or_else(|| format!("`{id}`"), |label| format!("`{id}` ({label})"));
    text::line(&named).into_owned()
}

/// `search, as a tool of the agent researcher, in project research`
pub(crate) fn usage(assignment: &Assignment) -> String {
    let text =
        format!("{}{}, in project {}", assignment.action, called(&assignment.consumer), assignment.project);
    text::line(&text).into_owned()
}

fn called(consumer: &Consumer) -> String {
    match consumer {
        Consumer::Direct => ", called directly".to_owned(),
        Consumer::Workflow(slug) => format!(", as a step of the workflow {slug}"),
        Consumer::Agent(slug) => format!(", as a tool of the agent {slug}"),
        Consumer::Poll(slug) => format!(", as the action of the poll {slug}"),
    }
}

/// The table of `credentials list`.
pub(crate) fn records(records: &[Record]) -> String {
    let rows = records.iter().map(|record| {
        let candidate = &record.candidate;
        let label = candidate.label.as_ref().map_or("", |label| label.as_str());
        let label = match candidate.account.as_deref() {
            Some(account) if label.is_empty() => account.to_owned(),
            Some(account) => format!("{label} ({account})"),
            None => label.to_owned(),
        };
        let used_by: Vec<String> = record
            .used_by
            .iter()
            .map(|place| match &place.consumer {
                Consumer::Direct => place.action.clone(),
                other => format!("{}: {}", other.slug(), place.action),
            })
            .collect();
        let default = if candidate.default { "yes" } else { "" };
        let scope = match &candidate.owner {
            Owner::Organization => "organization".to_owned(),
            _ => owner(record),
        };
        [
            candidate.id.to_string(),
            scope,
            label,
            default.to_owned(),
            status(record).to_owned(),
            used_by.join(", "),
        ]
    });
    table(["ID", "SCOPE", "LABEL", "DEFAULT", "STATUS", "USED BY"], 1, rows)
}

/// The table of `credentials assignments`.
pub(crate) fn assignments(assignments: &[(Assignment, String, InstanceId)]) -> String {
    let rows = assignments.iter().map(|(place, key, id)| {
        [id.to_string(), key.clone(), place.project.clone(), place.consumer.to_string(), place.action.clone()]
    });
    table(["ID", "KEY", "PROJECT", "CALLED BY", "ACTION"], 1, rows)
}

/// All about one record.
pub(crate) fn record(record: &Record) -> String {
    let candidate = &record.candidate;
    let mut rows = vec![
        ("id", candidate.id.to_string()),
        ("key", candidate.key.clone()),
        ("organization", candidate.organization.clone()),
        ("owner", owner(record)),
    ];
    if let Some(label) = &candidate.label {
        rows.push(("label", label.to_string()));
    }
    if let Some(account) = &candidate.account {
        rows.push(("account", account.clone()));
    }
    rows.push(("default", if candidate.default { "yes" } else { "no" }.to_owned()));
    rows.push(("status", status(record).to_owned()));
    rows.push(("kind", candidate.kind.to_string()));
    rows.push(("version", candidate.version.to_string()));
    rows.push(("fields", record.fields.join(", ")));
    if !candidate.granted.is_empty() {
        rows.push(("granted", candidate.granted.join(", ")));
    }
    if let Some(at) = candidate.expires_at {
        rows.push(("expires", text::time(at)));
    }
    rows.push(("created", text::time(record.created_at)));
    rows.push(("updated", text::time(record.updated_at)));
    for (index, place) in record.used_by.iter().enumerate() {
        rows.push((if index == 0 { "used by" } else { "" }, usage(place)));
    }
    facts(&rows)
}
