//! What a vault holds except its secrets: for lists, and as a whole for an export.

use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, InstanceId};

use crate::format::group::Group;
use crate::record::Record;

/// All that a vault holds except its secrets, as of one moment: what [`Vault::metadata`](crate::Vault::metadata)
/// returns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// How often instances or assignments were changed since the vault was made.
    pub generation: u64,
    /// The keys that seal, or sealed, something in it; the oldest first. Of all organizations, whatever the filter.
    pub keys: Vec<KeyName>,
    /// The instances, ordered as by [`Vault::list`](crate::Vault::list).
    pub records: Vec<Record>,
    /// The bindings, ordered as by [`Vault::assignments`](crate::Vault::assignments).
    pub assignments: Vec<(Assignment, String, InstanceId)>,
}

/// A key by its name in the ring. The key itself is in no file of the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyName {
    /// Its id in the ring.
    pub id: String,
    /// Since when it is used in this vault.
    pub created_at: SystemTime,
}

impl KeyName {
    pub(crate) const fn new(id: String, created_at: SystemTime) -> Self {
        Self { id, created_at }
    }
}

/// The instances, ordered by organization, key, owner and id.
pub(crate) fn records(groups: &[Arc<Group>]) -> Vec<Record> {
    let mut records: Vec<Record> =
        groups.iter().flat_map(|group| group.entries.iter().map(|entry| Record::of(group, entry))).collect();
    // Groups come in order, and their entries by id; owners are not part of it yet.
    records.sort_by(|a, b| {
        let (a, b) = (&*a.candidate, &*b.candidate);
        (&a.organization, &a.key, &a.owner, &a.id).cmp(&(&b.organization, &b.key, &b.owner, &b.id))
    });
    records
}

/// The bindings, with their key and instance, ordered by organization, key and consumer.
pub(crate) fn assignments(groups: &[Arc<Group>]) -> Vec<(Assignment, String, InstanceId)> {
    let bound = groups.iter().flat_map(|group| group.assignments.iter().map(move |bound| (group, bound)));
    bound.map(|(group, bound)| (group.full(bound), group.key.clone(), bound.instance.clone())).collect()
}
