//! All instances and assignments of one (organization, key), and the one keyed seal over their policy columns.
//!
//! A group is loaded whole, checked whole and sealed whole: without the vault's key no row of it can be added, dropped,
//! moved, exchanged, re-labelled or re-pointed. A change alters the group that was checked, in memory, and seals that: rows
//! are never read back to be sealed, so the work of a planted trigger is never sealed.

use std::sync::Arc;

use keystroke_core::{Assignment, Candidate, Consumer, InstanceId, Label};
use sha2::Digest as _;

use super::codec::Encoder;
use super::policy_text::{owner_name, status_text};
use super::subkeys::{Subkeys, VaultId};
use crate::time::to_millis;

/// The most instances, or assignments, of one organization and key. All of a group is read at once: without a limit,
/// planted rows would hold up every call.
const MOST: usize = 100_000;
/// The most bytes in all sealed secrets of a group, for the same reason.
const MOST_SEALED: usize = 256 * 1024 * 1024;

/// What names a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupId {
    pub(crate) organization: String,
    pub(crate) key: String,
}

/// One instance: everything except its secret, and of that the digest.
#[derive(Clone)]
pub(crate) struct InstanceEntry {
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// Fields that may be shorter than SEMANTICS S3 requires.
    pub(crate) short_fields: Vec<String>,
    pub(crate) record_key: Arc<str>,
    pub(crate) digest: [u8; 32],
    /// How many bytes its sealed secret has.
    pub(crate) sealed: usize,
}

impl InstanceEntry {
    /// The names of its fields.
    pub(crate) fn fields(&self) -> &[String] {
        self.candidate.fields.as_deref().unwrap_or_default()
    }
}

/// One assignment of the group's organization and key.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) project: String,
    pub(crate) consumer: Consumer,
    pub(crate) action: String,
    pub(crate) instance: InstanceId,
}

/// Everything of one (organization, key), in order of id.
pub(crate) struct Group {
    pub(crate) organization: String,
    pub(crate) key: String,
    pub(crate) entries: Vec<InstanceEntry>,
    /// In the order of [`Binding::found_by`].
    pub(crate) assignments: Vec<Binding>,
}

/// What a binding is found by in its group.
type BindingKey<'a> = (&'a str, &'a str, &'a str, &'a str);

fn binding_key<'a>(project: &'a str, consumer: &'a Consumer, action: &'a str) -> BindingKey<'a> {
    (project, consumer.kind(), consumer.slug(), action)
}

impl Binding {
    pub(crate) fn found_by(&self) -> BindingKey<'_> {
        binding_key(&self.project, &self.consumer, &self.action)
    }
}

impl Group {
    /// Checks that there is a seal if and only if there is something to seal; an error says what is wrong.
    pub(crate) fn check_sealed(&self, is_sealed: bool) -> Result<(), &'static str> {
        match (is_sealed, self.entries.is_empty()) {
            (false, true) if self.assignments.is_empty() => Ok(()),
            (false, true) => Err("there are assignments and no instances"),
            (false, false) => Err("its seal is missing"),
            (true, true) => Err("there is a seal and nothing that it seals"),
            (true, false) => Ok(()),
        }
    }

    /// Checks its seal against `key`, which is said to have made it.
    pub(crate) fn check_seal(&self, key: &Subkeys, vault: &VaultId, mac: &[u8]) -> Result<(), &'static str> {
        let fits = key.seal_fits(&self.canonical(vault, &key.id), mac);
        fits.then_some(()).ok_or("its seal does not fit")
    }

    /// What is wrong, if the group is larger than any reading accepts.
    pub(crate) fn is_too_large(&self) -> Option<&'static str> {
        let mut size = GroupSize::default();
        let mut entries = self.entries.iter().map(|entry| size.add(entry));
        entries.find_map(Result::err).or_else(|| {
            let mut size = GroupSize::default();
            self.assignments.iter().find_map(|_| size.add_binding().err())
        })
    }

    /// The group's seal under `key`.
    pub(crate) fn seal(&self, key: &Subkeys, vault: &VaultId) -> [u8; 32] {
        key.seal_mac(&self.canonical(vault, &key.id))
    }

    fn canonical(&self, vault: &VaultId, key_id: &str) -> Vec<u8> {
        let room = 256 + 320 * self.entries.len() + 128 * self.assignments.len();
        let mut to = Encoder::new("keystroke/v1/group", room);
        to.bytes(vault);
        to.text(key_id);
        to.text(&self.organization);
        to.text(&self.key);
        to.number(self.entries.len() as u64);
        for entry in &self.entries {
            let candidate = &entry.candidate;
            to.text(candidate.id.as_str());
            to.text(candidate.owner.scope().as_str());
            to.text(owner_name(&candidate.owner));
            to.text(candidate.kind.as_str());
            to.optional_text(candidate.label.as_ref().map(Label::as_str));
            to.number(u64::from(candidate.default));
            to.text(status_text(candidate.status));
            to.number(candidate.version);
            to.optional_text(candidate.account.as_deref());
            to.list(candidate.granted.iter().map(String::as_str));
            to.optional_signed(candidate.expires_at.map(to_millis));
            to.signed(entry.created_at);
            to.signed(entry.updated_at);
            to.list(entry.fields().iter().map(String::as_str));
            to.list(entry.short_fields.iter().map(String::as_str));
            to.text(&entry.record_key);
            to.bytes(&entry.digest);
        }
        to.number(self.assignments.len() as u64);
        for bound in &self.assignments {
            let (project, kind, consumer, action) = bound.found_by();
            for text in [project, kind, consumer, action, bound.instance.as_str()] {
                to.text(text);
            }
        }
        to.finish()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&InstanceEntry> {
        let at = self.entries.binary_search_by(|entry| entry.candidate.id.as_str().cmp(id)).ok()?;
        self.entries.get(at)
    }

    /// Where the assignment of a consumer is, or would be.
    pub(crate) fn assignment_at(
        &self,
        project: &str,
        consumer: &Consumer,
        action: &str,
    ) -> Result<usize, usize> {
        let wanted = binding_key(project, consumer, action);
        self.assignments.binary_search_by(|bound| bound.found_by().cmp(&wanted))
    }

    pub(crate) fn assignment(&self, project: &str, consumer: &Consumer, action: &str) -> Option<&InstanceId> {
        // As in most groups, and a warm call asks.
        if self.assignments.is_empty() {
            return None;
        }
        let at = self.assignment_at(project, consumer, action).ok()?;
        self.assignments.get(at).map(|bound| &bound.instance)
    }

    /// The assignments that name an instance.
    pub(crate) fn used_by(&self, id: &InstanceId) -> Vec<Assignment> {
        self.assignments.iter().filter(|bound| bound.instance == *id).map(|bound| self.full(bound)).collect()
    }

    pub(crate) fn full(&self, bound: &Binding) -> Assignment {
        Assignment {
            organization: self.organization.clone(),
            project: bound.project.clone(),
            consumer: bound.consumer.clone(),
            action: bound.action.clone(),
        }
    }
}

const TOO_MANY: &str = "there are more than 100,000 rows";

/// How large a group is, so far.
#[derive(Default)]
pub(crate) struct GroupSize {
    entries: usize,
    sealed: usize,
    bindings: usize,
}

impl GroupSize {
    pub(crate) fn add(&mut self, entry: &InstanceEntry) -> Result<(), &'static str> {
        self.entries += 1;
        self.sealed = self.sealed.saturating_add(entry.sealed);
        match () {
            () if self.entries > MOST => Err(TOO_MANY),
            () if self.sealed > MOST_SEALED => Err("its secrets have more than 256 MiB"),
            () => Ok(()),
        }
    }

    pub(crate) fn add_binding(&mut self) -> Result<(), &'static str> {
        self.bindings += 1;
        if self.bindings > MOST { Err(TOO_MANY) } else { Ok(()) }
    }
}

pub(crate) fn digest(sealed: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(sealed).into()
}

/// What tells this sealed secret from every other one, even if a version comes again: each has its own nonce.
pub(crate) fn revision(digest: &[u8; 32]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read is bounded, so what is written is too: `Changeset::seal` asks.
    #[test]
    fn a_group_has_an_end() {
        let (candidate, _) = keystroke_core::Instance::new("exa").in_organization("acme").into_parts();
        let entry = |sealed| InstanceEntry {
            candidate: Arc::new(candidate.clone()),
            created_at: 0,
            updated_at: 0,
            short_fields: Vec::new(),
            record_key: Arc::default(),
            digest: [0; 32],
            sealed,
        };
        let group = |entries| Group {
            organization: "acme".to_owned(),
            key: "exa".to_owned(),
            entries,
            assignments: Vec::new(),
        };
        assert_eq!(group(vec![entry(MOST_SEALED)]).is_too_large(), None);
        assert!(group(vec![entry(MOST_SEALED), entry(1)]).is_too_large().is_some());
        assert_eq!(group(vec![entry(100); MOST]).is_too_large(), None);
        assert_eq!(group(vec![entry(100); MOST + 1]).is_too_large(), Some(TOO_MANY));
    }
}
