//! Records and assignments as programs see them, documented in `docs/cli.md`: renaming a field here breaks scripts. No view
//! contains a value.

use keystroke_core::{Assignment, Consumer, InstanceId, Owner};
use keystroke_vault::Record;
use serde::Serialize;

use super::{text, view};

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

/// The owner of a record, in JSON.
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

/// Where an assignment applies, in JSON.
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
            status: view::status(record),
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
