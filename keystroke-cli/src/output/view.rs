//! Records and assignments as people and programs see them. No view has a value in it.

use keystroke_core::{Assignment, Consumer, InstanceId, Owner};
use keystroke_vault::Record;
use serde::Serialize;

use crate::output;
use crate::text;

/// A record in JSON.
#[derive(Serialize)]
pub(crate) struct RecordJson<'a> {
    id: &'a str,
    key: &'a str,
    organization: &'a str,
    #[serde(flatten)]
    owner: OwnerJson<'a>,
    label: Option<&'a str>,
    default: bool,
    status: &'static str,
    kind: &'static str,
    version: u64,
    account: Option<&'a str>,
    granted: &'a [String],
    expires_at: Option<String>,
    fields: &'a [String],
    created_at: String,
    updated_at: String,
    used_by: Vec<UseJson<'a>>,
}

/// Whose a record is, in JSON, as in a record.
#[derive(Serialize)]
pub(crate) struct OwnerJson<'a> {
    scope: &'static str,
    project: Option<&'a str>,
    user: Option<&'a str>,
}

impl<'a> From<&'a Owner> for OwnerJson<'a> {
    fn from(owner: &'a Owner) -> Self {
        let (project, user) = match owner {
            Owner::Organization => (None, None),
            Owner::Project(project) => (Some(project.as_str()), None),
            Owner::User(user) => (None, Some(user.as_str())),
        };
        Self { scope: owner.scope().as_str(), project, user }
    }
}

/// Where an assignment holds, in JSON.
#[derive(Serialize)]
pub(crate) struct UseJson<'a> {
    organization: &'a str,
    project: &'a str,
    consumer: &'a Consumer,
    action: &'a str,
}

/// An assignment with what it is bound to, in JSON.
#[derive(Serialize)]
pub(crate) struct AssignmentJson<'a> {
    #[serde(flatten)]
    place: UseJson<'a>,
    key: &'a str,
    instance: &'a str,
}

/// `{"instance": …}`
#[derive(Serialize)]
pub(crate) struct InstanceJson<'a> {
    pub(crate) instance: RecordJson<'a>,
}

/// `{"instances": […]}`
#[derive(Serialize)]
pub(crate) struct InstancesJson<'a> {
    pub(crate) instances: Vec<RecordJson<'a>>,
}

impl<'a> From<&'a Record> for InstanceJson<'a> {
    fn from(record: &'a Record) -> Self {
        Self { instance: record.into() }
    }
}

impl<'a> From<&'a Record> for RecordJson<'a> {
    fn from(record: &'a Record) -> Self {
        let candidate = &record.candidate;
        Self {
            id: candidate.id.as_str(),
            key: &candidate.key,
            organization: &candidate.organization,
            owner: (&candidate.owner).into(),
            label: candidate.label.as_ref().map(keystroke_core::Label::as_str),
            default: candidate.default,
            status: status(record),
            kind: candidate.kind.as_str(),
            version: candidate.version,
            account: candidate.account.as_deref(),
            granted: &candidate.granted,
            expires_at: candidate.expires_at.map(text::time),
            fields: &record.fields,
            created_at: text::time(record.created_at),
            updated_at: text::time(record.updated_at),
            used_by: record.used_by.iter().map(UseJson::from).collect(),
        }
    }
}

impl<'a> From<&'a Assignment> for UseJson<'a> {
    fn from(assignment: &'a Assignment) -> Self {
        Self {
            organization: &assignment.organization,
            project: &assignment.project,
            consumer: &assignment.consumer,
            action: &assignment.action,
        }
    }
}

impl<'a> AssignmentJson<'a> {
    pub(crate) fn new(assignment: &'a Assignment, key: &'a str, instance: &'a InstanceId) -> Self {
        Self { place: assignment.into(), key, instance: instance.as_str() }
    }
}

fn status(record: &Record) -> &'static str {
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
    output::table(["ID", "SCOPE", "LABEL", "DEFAULT", "STATUS", "USED BY"], 1, rows)
}

/// The table of `credentials assignments`.
pub(crate) fn assignments(assignments: &[(Assignment, String, InstanceId)]) -> String {
    let rows = assignments.iter().map(|(place, key, id)| {
        [id.to_string(), key.clone(), place.project.clone(), place.consumer.to_string(), place.action.clone()]
    });
    output::table(["ID", "KEY", "PROJECT", "CALLED BY", "ACTION"], 1, rows)
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
    output::facts(&rows)
}
