//! What a change says of itself in the audit record.

use keystroke_core::{Assignment, InstanceId, Owner};

use super::Work;
use crate::audit::Event;
use crate::error::Result;
use crate::place::Place;

impl Work<'_> {
    /// Notes what happens to an instance, for the audit record.
    pub(crate) fn note(&mut self, event: &str, place: &Place, id: &InstanceId) -> Result<()> {
        self.note_with_cause(event, place, id, None)
    }

    /// Notes that an instance has a new owner, and which it had.
    pub(crate) fn note_move(&mut self, place: &Place, id: &InstanceId, from: &Owner) -> Result<()> {
        let from = match from {
            Owner::Organization => "from organization".to_owned(),
            Owner::Project(name) => format!("from project {name}"),
            Owner::User(name) => format!("from user {name}"),
        };
        self.note_with_cause("move", place, id, Some(&from))
    }

    fn note_with_cause(
        &mut self,
        event: &str,
        place: &Place,
        id: &InstanceId,
        cause: Option<&str>,
    ) -> Result<()> {
        let (now, generation) = (self.now, self.generation);
        let Some(entry) = self.group(place)?.find(id.as_str()) else { return Ok(()) };
        let candidate = &entry.candidate;
        let (project, user) = match &candidate.owner {
            Owner::Organization => (None, None),
            Owner::Project(name) => (Some(name.as_str()), None),
            Owner::User(name) => (None, Some(name.as_str())),
        };
        let event = Event {
            at: now,
            event,
            organization: Some(&place.0),
            project,
            user,
            key: Some(&place.1),
            instance: Some(id.as_str()),
            version: Some(candidate.version.cast_signed()),
            generation: Some(generation),
            cause,
            ..Event::default()
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
        let event = Event {
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
            ..Event::default()
        };
        self.events.push(event.encode());
    }
}
