//! A store that holds what it is given, in memory: for tests and first steps.

use std::collections::{BTreeMap, HashMap};
use std::future::{Future, ready};
use std::sync::Arc;

use crate::resolve::resolved::Resolved;
use crate::run::consumer::{Assignment, Consumer};
use crate::store::fields::Fields;
use crate::store::instance::{Candidate, Instance, InstanceId};
use crate::store::length::TooShort;
use crate::store::{Candidates, CredentialStore, Lookup, OpenError, Opened, StoreError, UseRecord};

/// The instances of one key.
type Group = Arc<[Arc<Candidate>]>;

/// Keeps instances and assignments as they are given, two default marks in one scope included, so that the
/// resolver can be tested with what a sound store would not hold.
///
/// See [`Instance`] and [`Assignment`] for how to fill it. It can't be changed once a runtime has it.
///
/// # Short secrets
///
/// As the vault does, it refuses a secret of fewer than 8 bytes, which redaction can't look for: a test would show a leak
/// where there is none. [`with`](Self::with) can't fail, so the calls that would be lent the secret do, with
/// `store_unavailable`; the error names the field and the way out, a longer value or
/// [`Instance::allow_short`]. Fields that are `plain`, or that the credential does not have, may be short.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Instance, MemoryStore};
///
/// let store = MemoryStore::new()
///     .with(Instance::new("door").in_organization("acme").field("pin", "1234").allow_short("pin"));
/// # let _ = store;
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// By organization, then key: asked by each call, which owns neither as a `String`. Comparing a few texts takes less
    /// than hashing one.
    by_key: BTreeMap<String, BTreeMap<String, Group>>,
    /// By organization: an id of one has nothing to do with the same id in another (SEMANTICS R0).
    by_id: HashMap<String, HashMap<InstanceId, (Arc<Candidate>, Fields)>>,
    assignments: HashMap<(Assignment, String), InstanceId>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an instance. Without an id of its own it gets `<key>-<n>`; one with an id that its organization has
    /// already takes the other's place.
    #[must_use]
    pub fn with(mut self, instance: Instance) -> Self {
        let (mut candidate, fields) = instance.into_parts();
        if candidate.id.as_str().is_empty() {
            candidate.id = self.free_id(&candidate.key);
        }
        let candidate = Arc::new(candidate);
        let organization = self.by_id.entry(candidate.organization.clone()).or_default();
        let old = organization.insert(candidate.id.clone(), (Arc::clone(&candidate), fields));
        if let Some((old, _)) = old {
            self.regroup(&old);
        }
        self.regroup(&candidate);
        self
    }

    /// Binds a consumer to an instance for a key (SEMANTICS R2).
    #[must_use]
    pub fn assign(mut self, to: Assignment, key: impl Into<String>, id: impl Into<InstanceId>) -> Self {
        self.assignments.insert((to, key.into()), id.into());
        self
    }

    fn free_id(&self, key: &str) -> InstanceId {
        let mut number = 1_usize;
        loop {
            let id = InstanceId::from(format!("{key}-{number}"));
            if self.by_id.values().all(|organization| !organization.contains_key(&id)) {
                return id;
            }
            number += 1;
        }
    }

    fn find(&self, organization: &str, id: &InstanceId) -> Option<&(Arc<Candidate>, Fields)> {
        self.by_id.get(organization)?.get(id)
    }

    /// Collects the instances of the organization and key of `of` again.
    fn regroup(&mut self, of: &Candidate) {
        let mut group: Vec<_> = self
            .by_id
            .get(&of.organization)
            .into_iter()
            .flat_map(HashMap::values)
            .map(|(candidate, _)| candidate)
            .filter(|candidate| candidate.key == of.key)
            .cloned()
            .collect();
        group.sort_by(|a, b| a.id.cmp(&b.id));
        let keys = self.by_key.entry(of.organization.clone()).or_default();
        keys.insert(of.key.clone(), group.into());
    }

    fn assignment(&self, lookup: &Lookup<'_>) -> Option<&InstanceId> {
        if self.assignments.is_empty() {
            return None;
        }
        let consumer: Consumer = lookup.consumer.clone();
        let to = Assignment::in_project(lookup.organization, lookup.project).to(consumer, lookup.action);
        self.assignments.get(&(to, lookup.key.to_owned()))
    }

    fn look_up(&self, lookup: &Lookup<'_>) -> Candidates {
        let group = self.by_key.get(lookup.organization).and_then(|keys| keys.get(lookup.key));
        let mut found = Candidates::new(group.map_or_else(|| Arc::from([]), Arc::clone));
        let assignment = self.assignment(lookup);
        if let Some(id) = assignment {
            found = found.with_assignment(Some(id.clone()));
        }
        for id in [lookup.selected, assignment].into_iter().flatten() {
            if let Some((named, _)) = self.find(lookup.organization, id)
                && named.key != lookup.key
            {
                found = found.with_named(Arc::clone(named));
            }
        }
        found
    }
}

impl CredentialStore for MemoryStore {
    fn name(&self) -> String {
        "the in-memory store".to_owned()
    }

    fn candidates(&self, lookup: &Lookup<'_>) -> impl Future<Output = Result<Candidates, StoreError>> + Send {
        ready(Ok(self.look_up(lookup)))
    }

    fn candidates_now(&self, lookup: &Lookup<'_>) -> Option<Result<Candidates, StoreError>> {
        Some(Ok(self.look_up(lookup)))
    }

    fn open(&self, resolved: &Resolved) -> impl Future<Output = Result<Opened, OpenError>> + Send {
        let chosen = resolved.instance();
        let opened = match self.find(resolved.organization(), &chosen.id) {
            Some((now, fields)) if now.is_still(chosen) => open(resolved, fields),
            _ => Err(OpenError::Changed),
        };
        ready(opened)
    }

    /// Kept nowhere: the store ends with the process. `testing::RecordingStore` around it keeps what a test asks for.
    fn record(&self, _: &UseRecord<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The check is made here and not where the store is filled: only the credential knows which of its fields are secrets.
fn open(resolved: &Resolved, fields: &Fields) -> Result<Opened, OpenError> {
    let mut secrets = resolved.fields().iter().filter(|field| field.secret);
    let Some((field, too_short)) =
        secrets.find_map(|field| Some((field.name, fields.too_short(field.name)?)))
    else {
        return Ok(Opened::new(fields.duplicate()));
    };
    let how = match too_short {
        TooShort::Empty => String::new(),
        TooShort::NotSearchable => format!(": `Instance::allow_short(\"{field}\")`"),
    };
    let problem = format!("the value of `{field}` of `{}` {}", resolved.instance().id, too_short.problem());
    Err(StoreError::new(problem).with_fix(format!("{}{how}", too_short.fix())).into())
}
