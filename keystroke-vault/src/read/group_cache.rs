//! Groups that were read and checked, and the answers that they give.

use std::collections::BTreeMap;
use std::sync::Arc;

use keystroke_core::{Candidate, Candidates, InstanceId, Lookup};

use crate::format::group::Group;

/// The most instances that one cache holds; an empty group counts as one.
const REMEMBERED: usize = 20_000;
/// The most runs (project and user) whose part of a group is cached.
const VIEWS: usize = 64;

/// Groups of one moment.
#[derive(Default)]
pub(crate) struct GroupCache {
    /// By organization, then key. Comparing a few texts takes less than hashing one.
    groups: BTreeMap<String, BTreeMap<String, CachedGroup>>,
    remembered: usize,
}

impl GroupCache {
    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.remembered = 0;
    }

    pub(crate) fn get(&self, organization: &str, key: &str) -> Option<&CachedGroup> {
        self.groups.get(organization)?.get(key)
    }

    pub(crate) fn get_mut(&mut self, organization: &str, key: &str) -> Option<&mut CachedGroup> {
        self.groups.get_mut(organization)?.get_mut(key)
    }

    pub(crate) fn put(&mut self, organization: &str, key: &str, cached: CachedGroup) {
        let size = cached.group.entries.len().max(1);
        if self.remembered + size > REMEMBERED {
            self.clear();
        }
        let keys = self.groups.entry(organization.to_owned()).or_default();
        if keys.insert(key.to_owned(), cached).is_none() {
            self.remembered += size;
        }
    }

    /// Adds what another cache holds of a group of the same moment.
    pub(crate) fn learn(&mut self, organization: &str, key: &str, of: &CachedGroup) {
        let Some(cached) = self.get_mut(organization, key) else {
            return self.put(organization, key, of.clone());
        };
        for view in &of.views {
            if cached.view_of(&view.project, view.user.as_deref()).is_none() {
                cached.add(view.clone());
            }
        }
    }

    /// The answer to a lookup, if all of it is cached.
    pub(crate) fn answer(&self, lookup: &Lookup<'_>) -> Option<Candidates> {
        let cached = self.get(lookup.organization, lookup.key)?;
        let view = cached.view_of(lookup.project, lookup.user).filter(|_| cached.holds(lookup.selected))?;
        Some(cached.answer_with(Arc::clone(view), lookup))
    }
}

/// A group, and the parts of it that runs can reach.
#[derive(Clone)]
pub(crate) struct CachedGroup {
    pub(crate) group: Arc<Group>,
    views: Vec<View>,
}

/// What the runs of one project and user can reach.
#[derive(Clone)]
struct View {
    project: String,
    user: Option<String>,
    candidates: Arc<[Arc<Candidate>]>,
}

impl CachedGroup {
    pub(crate) const fn new(group: Arc<Group>) -> Self {
        Self { group, views: Vec::new() }
    }

    /// Whether the selected instance is in the group; otherwise it is still to be looked for.
    pub(crate) fn holds(&self, selected: Option<&InstanceId>) -> bool {
        selected.is_none_or(|id| self.group.find(id.as_str()).is_some())
    }

    pub(crate) fn answer(&mut self, lookup: &Lookup<'_>) -> Candidates {
        let view = self.view(lookup);
        self.answer_with(view, lookup)
    }

    fn answer_with(&self, view: Arc<[Arc<Candidate>]>, lookup: &Lookup<'_>) -> Candidates {
        let assignment = self.group.assignment(lookup.project, lookup.consumer, lookup.action);
        let mut answer = Candidates::new(view).with_assignment(assignment.cloned());
        // An instance that is named and out of reach is part of the answer: the error hides the reason, and the audit
        // record keeps it.
        for id in [lookup.selected, assignment].into_iter().flatten() {
            if let Some(entry) = self.group.find(id.as_str())
                && !entry.candidate.owner.reached_by(lookup.project, lookup.user)
            {
                answer = answer.with_named(Arc::clone(&entry.candidate));
            }
        }
        answer
    }

    fn view_of(&self, project: &str, user: Option<&str>) -> Option<&Arc<[Arc<Candidate>]>> {
        let is_it = |view: &&View| view.project == project && view.user.as_deref() == user;
        self.views.iter().find(is_it).map(|view| &view.candidates)
    }

    fn add(&mut self, view: View) {
        if self.views.len() >= VIEWS {
            self.views.clear();
        }
        self.views.push(view);
    }

    fn view(&mut self, lookup: &Lookup<'_>) -> Arc<[Arc<Candidate>]> {
        if let Some(view) = self.view_of(lookup.project, lookup.user) {
            return Arc::clone(view);
        }
        let reachable = self.group.entries.iter().map(|entry| &entry.candidate);
        let candidates: Arc<[_]> = reachable
            .filter(|candidate| candidate.owner.reached_by(lookup.project, lookup.user))
            .cloned()
            .collect();
        self.add(View {
            project: lookup.project.to_owned(),
            user: lookup.user.map(str::to_owned),
            candidates: Arc::clone(&candidates),
        });
        candidates
    }
}
