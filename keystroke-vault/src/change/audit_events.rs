//! What a change says of itself in the audit record.

use keystroke_core::{Assignment, InstanceId, Owner};

use super::Changeset;
use crate::audit::AuditEvent;
use crate::error::Result;
use crate::format::group::GroupId;

impl Changeset<'_> {
    /// Notes what happens to an instance, for the audit record.
    pub(crate) fn note(&mut self, event: &str, group_id: &GroupId, id: &InstanceId) -> Result<()> {
        self.note_with_cause(event, group_id, id, None)
    }

    /// Notes that an instance has a new owner, and which it had.
    pub(crate) fn note_move(&mut self, group_id: &GroupId, id: &InstanceId, from: &Owner) -> Result<()> {
        let from = match from {
            Owner::Organization => "from organization".to_owned(),
            Owner::Project(name) => format!("from project {name}"),
            Owner::User(name) => format!("from user {name}"),
        };
        self.note_with_cause("move", group_id, id, Some(&from))
    }

    fn note_with_cause(
        &mut self,
        event: &str,
        group_id: &GroupId,
        id: &InstanceId,
        cause: Option<&str>,
    ) -> Result<()> {
        let (now, generation) = (self.now, self.generation);
        let Some(entry) = self.group(group_id)?.find(id.as_str()) else { return Ok(()) };
        let candidate = &entry.candidate;
        let (project, user) = match &candidate.owner {
            Owner::Organization => (None, None),
            Owner::Project(name) => (Some(name.as_str()), None),
            Owner::User(name) => (None, Some(name.as_str())),
        };
        let event = AuditEvent {
            at: now,
            event,
            organization: Some(&group_id.organization),
            project,
            user,
            key: Some(&group_id.key),
            instance: Some(id.as_str()),
            version: Some(candidate.version.cast_signed()),
            generation: Some(generation),
            cause,
            ..AuditEvent::default()
        };
        let event = event.encode();
        self.events.push(event);
        Ok(())
    }

    pub(crate) fn note_assignment(
        &mut self,
        event: &str,
        assignment: &Assignment,
        key: &str,
        id: &InstanceId,
        version: u64,
    ) {
        let consumer = assignment.consumer.to_string();
        let event = AuditEvent {
            at: self.now,
            event,
            consumer: Some(&consumer),
            action: Some(&assignment.action),
            organization: Some(&assignment.organization),
            project: Some(&assignment.project),
            key: Some(key),
            instance: Some(id.as_str()),
            version: Some(version.cast_signed()),
            generation: Some(self.generation),
            ..AuditEvent::default()
        };
        self.events.push(event.encode());
    }
}
