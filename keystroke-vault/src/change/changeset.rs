//! One change under way: the groups that it touches, kept in step in memory and in the file.
//!
//! What is sealed in the end is what is in memory: the groups as they were checked, and this change. Rows are not
//! read back, so if anything else has changed them, the new seal does not fit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, Candidate, Fields, InstanceId, Owner, Status};
use rusqlite::{OptionalExtension as _, Transaction};

use crate::audit::AuditEvent;
use crate::error::{Result, VaultError};
use crate::file::{all_tables, generation, group_rows, group_writes, id_index, vault_keys};
use crate::format::envelope::{self, Envelope, RecordIdentity};
use crate::format::group::{Binding, Group, GroupId, InstanceEntry, digest, revision};
use crate::format::policy_text::counted;
use crate::format::subkeys::Subkeys;
use crate::open_vault::OpenVault;
use crate::record::{Add, NewInstance, Record};
use crate::time::{from_millis, to_millis};

pub(crate) struct Changeset<'a> {
    pub(super) vault: &'a OpenVault,
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) key: Arc<Subkeys>,
    pub(super) now: i64,
    /// The vault's, with this change.
    pub(super) generation: i64,
    pub(super) groups: BTreeMap<GroupId, Group>,
    pub(super) events: Vec<Vec<u8>>,
}

impl<'a> Changeset<'a> {
    pub(crate) fn new(vault: &'a OpenVault, transaction: &'a Transaction<'a>) -> Result<Self> {
        let key = vault.subkeys.active()?;
        let now = vault.now();
        // It is below the highest number, so there is a next one.
        let generation = generation::read(transaction, &vault.subkeys, &vault.file)?.cast_signed() + 1;
        Ok(Self { vault, transaction, key, now, generation, groups: BTreeMap::new(), events: Vec::new() })
    }

    pub(super) fn sqlite(&self, error: &rusqlite::Error) -> VaultError {
        VaultError::sqlite(&self.vault.file, error)
    }

    /// The group, checked when it is first asked for.
    pub(super) fn group(&mut self, group_id: &GroupId) -> Result<&mut Group> {
        match self.groups.entry(group_id.clone()) {
            Slot::Occupied(known) => Ok(known.into_mut()),
            Slot::Vacant(slot) => {
                let GroupId { organization, key } = group_id;
                let (subkeys, file) = (&self.vault.subkeys, &self.vault.file);
                let group = group_rows::load(self.transaction, subkeys, file, organization, key)?;
                Ok(slot.insert(group))
            }
        }
    }

    /// An instance, from its checked group.
    pub(crate) fn find(&mut self, id: &InstanceId) -> Result<(GroupId, InstanceEntry)> {
        let group_id = id_index::look_up_for_sure(self.transaction, &self.vault.file, id.as_str())?
            .ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?;
        let entry = self.group(&group_id)?.find(id.as_str()).cloned();
        Ok((group_id, entry.ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?))
    }

    pub(crate) fn record(&mut self, group_id: &GroupId, id: &InstanceId) -> Result<Record> {
        let group = self.group(group_id)?;
        let entry = group.find(id.as_str()).ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?;
        Ok(Record::of(group, entry))
    }

    pub(crate) fn add(&mut self, new: NewInstance, mode: Add) -> Result<(GroupId, InstanceId)> {
        let NewInstance { mut candidate, mut new } = new;
        let group_id = GroupId { organization: candidate.organization.clone(), key: candidate.key.clone() };
        self.is_welcome(&group_id, &candidate.owner, mode)?;
        candidate.version = 1;
        if candidate.id.as_str().is_empty() {
            candidate.id = self.free_id(&candidate.key)?;
        } else if self.id_taken(candidate.id.as_str())? {
            return Err(VaultError::IdTaken { id: candidate.id });
        } else {
            // The id may be that of a deleted instance, whose audit rows name (id, version). As long as nobody alters
            // the file, no version comes twice, because none was ever above the generation. What a process holds in
            // memory is told apart by its revision too, which nobody can reproduce.
            candidate.version = self.generation.cast_unsigned();
        }
        candidate.expires_at = candidate.expires_at.map(whole_millis);
        let id = candidate.id.clone();
        if candidate.default {
            self.unmark(&group_id, &candidate)?;
        }
        let mut entry = InstanceEntry {
            candidate: Arc::new(candidate),
            created_at: self.now,
            updated_at: self.now,
            short_fields: std::mem::take(&mut new.short),
            record_key: Arc::default(),
            digest: [0; 32],
            sealed: 0,
        };
        let sealed = self.seal_fields(&mut entry, &new.fields)?;
        self.put(&group_id, entry, Some(&sealed))?;
        self.note("set", &group_id, &id)?;
        Ok((group_id, id))
    }

    /// Refuses if the owner has an instance of the key already, unless another one is wanted.
    pub(crate) fn is_welcome(&mut self, group_id: &GroupId, owner: &Owner, mode: Add) -> Result<()> {
        let there = self.group(group_id)?.entries.iter().map(|entry| &entry.candidate);
        // Preferably one that can still be rotated.
        let there = there
            .filter(|candidate| candidate.owner == *owner)
            .min_by_key(|candidate| candidate.status == Status::Revoked);
        match (mode, there) {
            (Add::OnlyFirst, Some(there)) => {
                Err(VaultError::InstanceExists { there: Box::new(Candidate::clone(there)) })
            }
            _ => Ok(()),
        }
    }

    fn free_id(&self, key: &str) -> Result<InstanceId> {
        loop {
            let id = format!(
                "{key}-{}",
                keystroke_files::random_base32(12).map_err(VaultError::no_random_numbers)?
            );
            if !self.id_taken(&id)? {
                return Ok(InstanceId::from(id));
            }
        }
    }

    fn id_taken(&self, id: &str) -> Result<bool> {
        let taken = self
            .transaction
            .query_row("SELECT 1 FROM instances WHERE id = ?1", [id], |_| Ok(()))
            .optional()
            .map_err(|error| self.sqlite(&error))?;
        Ok(taken.is_some() || self.groups.values().any(|group| group.find(id).is_some()))
    }

    fn identity<'b>(&'b self, candidate: &'b Candidate) -> RecordIdentity<'b> {
        RecordIdentity::of(self.vault.subkeys.vault(), candidate)
    }

    /// Seals the fields for the entry's version, and tells the entry what its sealed part is.
    pub(crate) fn seal_fields(&self, entry: &mut InstanceEntry, fields: &Fields) -> Result<Vec<u8>> {
        let sealed = envelope::seal(&self.key, &self.identity(&entry.candidate), fields)?;
        entry.short_fields.retain(|name| fields.get(name).is_some());
        entry.short_fields.sort_unstable();
        entry.short_fields.dedup();
        entry.record_key = self.key.id.as_str().into();
        entry.digest = digest(&sealed);
        entry.sealed = sealed.len();
        let candidate = Arc::make_mut(&mut entry.candidate);
        candidate.revision = revision(&entry.digest);
        candidate.fields = Some(fields.names().map(str::to_owned).collect());
        Ok(sealed)
    }

    /// Opens an instance's fields, to seal them again with others.
    pub(crate) fn open(&mut self, group_id: &GroupId, entry: &InstanceEntry) -> Result<Fields> {
        let sealed = group_rows::read_sealed(self.transaction, group_id, entry.candidate.id.as_str())
            .map_err(|error| self.sqlite(&error))?;
        let key = self.vault.subkeys.find(&entry.record_key)?;
        let opened = Envelope::parse(&sealed)
            .and_then(|envelope| envelope.open(&key, &self.identity(&entry.candidate)));
        match opened {
            Ok(fields) => Ok(fields),
            Err(what) => Err(VaultError::altered(self.group(group_id)?, what)),
        }
    }

    /// Takes the default mark from the other instance of the same owner (SEMANTICS R10).
    pub(crate) fn unmark(&mut self, group_id: &GroupId, candidate: &Candidate) -> Result<()> {
        let others = self.group(group_id)?.entries.iter().filter(|entry| {
            let other = &entry.candidate;
            other.default && other.owner == candidate.owner && other.id != candidate.id
        });
        for mut other in others.cloned().collect::<Vec<_>>() {
            Arc::make_mut(&mut other.candidate).default = false;
            self.put(group_id, other, None)?;
        }
        Ok(())
    }

    /// Puts an entry into its group and its file: a new one, or over the one with its id. Without `sealed` the sealed
    /// secret stays.
    pub(crate) fn put(
        &mut self,
        group_id: &GroupId,
        mut entry: InstanceEntry,
        sealed: Option<&[u8]>,
    ) -> Result<()> {
        entry.updated_at = self.now;
        let candidate = &entry.candidate;
        let version = counted(candidate.version.cast_signed()).ok_or_else(|| VaultError::Damaged {
            file: self.vault.file.clone(),
            what: "its versions are used up".to_owned(),
        })?;
        let changed = group_writes::put(self.transaction, group_id, &entry, version, sealed)
            .map_err(|error| self.sqlite(&error))?;
        let group = self.group(group_id)?;
        if !changed {
            return Err(VaultError::altered(group, "a row is gone that was just read"));
        }
        match group.entries.binary_search_by(|other| other.candidate.id.cmp(&entry.candidate.id)) {
            Ok(at) => {
                if let Some(there) = group.entries.get_mut(at) {
                    *there = entry;
                }
            }
            Err(at) => group.entries.insert(at, entry),
        }
        Ok(())
    }

    /// Removes an instance and its assignments.
    pub(crate) fn remove(&mut self, group_id: &GroupId, id: &InstanceId) -> Result<()> {
        all_tables::remove(self.transaction, group_id, id.as_str()).map_err(|error| self.sqlite(&error))?;
        let group = self.group(group_id)?;
        group.entries.retain(|entry| entry.candidate.id != *id);
        group.assignments.retain(|bound| bound.instance != *id);
        Ok(())
    }

    /// Removes everything of an organization and key without reading it: its seal may not fit.
    pub(crate) fn discard(&mut self, organization: &str, key: &str) -> Result<usize> {
        let (rows, instances) =
            all_tables::discard(self.transaction, organization, key).map_err(|error| self.sqlite(&error))?;
        if rows > 0 {
            let event = AuditEvent {
                at: self.now,
                event: "discard",
                organization: Some(organization),
                key: Some(key),
                generation: Some(self.generation),
                ..AuditEvent::default()
            };
            self.events.push(event.encode());
        }
        Ok(instances)
    }

    /// Binds a consumer to an instance, over an earlier binding.
    pub(crate) fn bind(
        &mut self,
        group_id: &GroupId,
        assignment: &Assignment,
        id: &InstanceId,
    ) -> Result<()> {
        let bound = Binding {
            project: assignment.project.clone(),
            consumer: assignment.consumer.clone(),
            action: assignment.action.clone(),
            instance: id.clone(),
        };
        group_writes::bind(self.transaction, group_id, &bound).map_err(|error| self.sqlite(&error))?;
        let group = self.group(group_id)?;
        match group.assignment_at(&assignment.project, &assignment.consumer, &assignment.action) {
            Ok(at) => {
                if let Some(there) = group.assignments.get_mut(at) {
                    *there = bound;
                }
            }
            Err(at) => group.assignments.insert(at, bound),
        }
        Ok(())
    }

    /// Removes a binding, and returns the instance that it named and its version, if there was one.
    pub(crate) fn unbind(
        &mut self,
        group_id: &GroupId,
        assignment: &Assignment,
    ) -> Result<Option<(InstanceId, u64)>> {
        let group = self.group(group_id)?;
        let Ok(at) = group.assignment_at(&assignment.project, &assignment.consumer, &assignment.action)
        else {
            return Ok(None);
        };
        let bound = group.assignments.remove(at);
        let version = group.find(bound.instance.as_str()).map_or(0, |entry| entry.candidate.version);
        group_writes::unbind(self.transaction, group_id, &bound).map_err(|error| self.sqlite(&error))?;
        Ok(Some((bound.instance, version)))
    }

    /// Seals what was changed. Returns the events, to be recorded before the commit (none: nothing was changed), and
    /// the generation that the change makes.
    pub(crate) fn seal(self) -> Result<(Vec<Vec<u8>>, u64)> {
        let generation = self.generation.cast_unsigned();
        if self.events.is_empty() {
            return Ok((self.events, generation));
        }
        // A group that no reading accepts would be lost.
        for (GroupId { organization, key }, group) in &self.groups {
            if let Some(what) = group.is_too_large() {
                return Err(VaultError::CannotWrite {
                    problem: format!("the `{key}` credentials of `{organization}` would be too many: {what}"),
                    fix: "delete some that are not used any more".to_owned(),
                });
            }
        }
        let write = || {
            let vault = self.vault.subkeys.vault();
            for (group_id, group) in &self.groups {
                group_writes::put_seal(self.transaction, group_id, group, &self.key, vault)?;
            }
            vault_keys::add(self.transaction, &self.key, vault, self.now)?;
            generation::write(self.transaction, &self.key, vault, self.generation)
        };
        write().map_err(|error| self.sqlite(&error))?;
        Ok((self.events, generation))
    }
}

/// A time as the file can hold it.
pub(crate) fn whole_millis(time: SystemTime) -> SystemTime {
    from_millis(to_millis(time))
}
