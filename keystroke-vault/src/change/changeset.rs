//! One change under way: the groups that it touches, in memory and in the file, kept in step.
//!
//! What is sealed in the end is what is in memory: the groups as they were checked, and this change. Rows are
//! not read back, so what else may have changed them makes the new seal misfit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::Arc;
use std::time::SystemTime;

use keystroke_core::{Assignment, Candidate, Fields, InstanceId, Label, Owner, Status};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::audit::Event;
use crate::counter::{self, counted};
use crate::error::{Result, VaultError};
use crate::group::{Bound, Entry, Group, digest, revision, status_text};
use crate::named;
use crate::open::Inner;
use crate::place::{self, Place};
use crate::record::{Add, NewInstance, Record};
use crate::ring::{Subkeys, random_base32};
use crate::seal::{self, Envelope, Identity, owner_name};
use crate::time::{from_millis, to_millis};

mod notes;
mod put_back;
mod reseal;

pub(crate) use reseal::Cursor;

pub(crate) struct Work<'a> {
    inner: &'a Inner,
    transaction: &'a Transaction<'a>,
    key: Arc<Subkeys>,
    now: i64,
    /// The vault's, with this change.
    generation: i64,
    groups: BTreeMap<Place, Group>,
    events: Vec<Vec<u8>>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(inner: &'a Inner, transaction: &'a Transaction<'a>) -> Result<Self> {
        let key = inner.keyring.active()?;
        let now = to_millis((inner.options.now)());
        // Below the highest number, so there is a next one.
        let generation = counter::read(transaction, &inner.keyring, &inner.file)?.cast_signed() + 1;
        Ok(Self { inner, transaction, key, now, generation, groups: BTreeMap::new(), events: Vec::new() })
    }

    fn sqlite(&self, error: &rusqlite::Error) -> VaultError {
        VaultError::sqlite(&self.inner.file, error)
    }

    /// The group, checked when it is first asked for.
    fn group(&mut self, place: &Place) -> Result<&mut Group> {
        match self.groups.entry(place.clone()) {
            Slot::Occupied(known) => Ok(known.into_mut()),
            Slot::Vacant(slot) => {
                let (organization, key) = place;
                let group = Group::load(self.transaction, &self.inner.keyring, organization, key)
                    .map_err(|failure| failure.of(&self.inner.file, organization, key))?;
                Ok(slot.insert(group))
            }
        }
    }

    /// An instance, out of its checked group.
    pub(crate) fn find(&mut self, id: &InstanceId) -> Result<(Place, Entry)> {
        let place = place::for_sure(self.transaction, &self.inner.file, id.as_str())?
            .ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?;
        let entry = self.group(&place)?.find(id.as_str()).cloned();
        Ok((place, entry.ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?))
    }

    pub(crate) fn record(&mut self, place: &Place, id: &InstanceId) -> Result<Record> {
        let group = self.group(place)?;
        let entry = group.find(id.as_str()).ok_or_else(|| VaultError::NoSuchInstance { id: id.clone() })?;
        Ok(group.record(entry))
    }

    pub(crate) fn add(&mut self, new: NewInstance, mode: Add) -> Result<(Place, InstanceId)> {
        let NewInstance { mut candidate, mut new } = new;
        let place = (candidate.organization.clone(), candidate.key.clone());
        self.is_welcome(&place, &candidate.owner, mode)?;
        candidate.version = 1;
        if candidate.id.as_str().is_empty() {
            candidate.id = self.free_id(&candidate.key)?;
        } else if self.id_taken(candidate.id.as_str())? {
            return Err(VaultError::IdTaken { id: candidate.id });
        } else {
            // The id may be that of a deleted instance, whose audit rows name (id, version): while nobody
            // alters the file no version comes twice, for none was ever above the number of changes. What a
            // process holds in memory is told apart by its revision too, which nobody can make come again.
            candidate.version = self.generation.cast_unsigned();
        }
        candidate.expires_at = candidate.expires_at.map(whole_millis);
        let id = candidate.id.clone();
        if candidate.default {
            self.unmark(&place, &candidate)?;
        }
        let mut entry = Entry {
            candidate: Arc::new(candidate),
            created_at: self.now,
            updated_at: self.now,
            short_fields: std::mem::take(&mut new.short),
            record_key: Arc::default(),
            digest: [0; 32],
            sealed: 0,
        };
        let sealed = self.seal_fields(&mut entry, &new.fields)?;
        self.put(&place, entry, Some(&sealed))?;
        self.note("set", &place, &id)?;
        Ok((place, id))
    }

    /// Refuses where the owner has an instance of the key already, unless another one is wanted.
    pub(crate) fn is_welcome(&mut self, place: &Place, owner: &Owner, mode: Add) -> Result<()> {
        let there = self.group(place)?.entries.iter().map(|entry| &entry.candidate);
        // One that can still be rotated, if there is one.
        let there = there
            .filter(|candidate| candidate.owner == *owner)
            .min_by_key(|candidate| candidate.status == Status::Revoked);
        match (mode, there) {
            (Add::OnlyFirst, Some(there)) => {
                Err(VaultError::AlreadyThere { there: Box::new(Candidate::clone(there)) })
            }
            _ => Ok(()),
        }
    }

    fn free_id(&self, key: &str) -> Result<InstanceId> {
        loop {
            let id = format!("{key}-{}", random_base32(12)?);
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

    fn identity<'b>(&'b self, candidate: &'b Candidate) -> Identity<'b> {
        Identity::of(self.inner.keyring.vault(), candidate)
    }

    /// Seals the fields for the entry's version, and tells the entry what its sealed part is.
    pub(crate) fn seal_fields(&self, entry: &mut Entry, fields: &Fields) -> Result<Vec<u8>> {
        let sealed = seal::seal(&self.key, &self.identity(&entry.candidate), fields)?;
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

    /// Opens an instance's fields, to seal them anew with others.
    pub(crate) fn open(&mut self, place: &Place, entry: &Entry) -> Result<Fields> {
        let sealed: Vec<u8> = self
            .transaction
            .query_row(
                "SELECT sealed FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3",
                params![place.0, place.1, entry.candidate.id.as_str()],
                |row| row.get(0),
            )
            .map_err(|error| self.sqlite(&error))?;
        let key = self.inner.keyring.find(&entry.record_key)?;
        let opened = Envelope::parse(&sealed)
            .and_then(|envelope| envelope.open(&key, &self.identity(&entry.candidate)));
        match opened {
            Ok(fields) => Ok(fields),
            Err(what) => Err(self.group(place)?.altered(what)),
        }
    }

    /// Takes the default mark from the other instance of the same owner (SEMANTICS R10).
    pub(crate) fn unmark(&mut self, place: &Place, candidate: &Candidate) -> Result<()> {
        let others = self.group(place)?.entries.iter().filter(|entry| {
            let other = &entry.candidate;
            other.default && other.owner == candidate.owner && other.id != candidate.id
        });
        for mut other in others.cloned().collect::<Vec<_>>() {
            Arc::make_mut(&mut other.candidate).default = false;
            self.put(place, other, None)?;
        }
        Ok(())
    }

    /// Puts an entry into its group and its file: a new one, or over the one of its id. Without `sealed` that
    /// part stays.
    pub(crate) fn put(&mut self, place: &Place, mut entry: Entry, sealed: Option<&[u8]>) -> Result<()> {
        entry.updated_at = self.now;
        let candidate = &entry.candidate;
        let version = counted(candidate.version.cast_signed()).ok_or_else(|| VaultError::Damaged {
            file: self.inner.file.clone(),
            what: "its versions are used up".to_owned(),
        })?;
        let changed = self
            .transaction
            .execute(
                if sealed.is_some() { PUT } else { UPDATE },
                params![
                    place.0,
                    place.1,
                    candidate.id.as_str(),
                    candidate.owner.scope().as_str(),
                    owner_name(&candidate.owner),
                    candidate.kind.as_str(),
                    candidate.label.as_ref().map(Label::as_str),
                    candidate.default,
                    status_text(candidate.status),
                    version.cast_signed(),
                    candidate.account,
                    candidate.granted.join("\n"),
                    candidate.expires_at.map(to_millis),
                    entry.created_at,
                    entry.updated_at,
                    entry.fields().join("\n"),
                    entry.short_fields.join("\n"),
                    sealed,
                ],
            )
            .map_err(|error| self.sqlite(&error))?;
        let group = self.group(place)?;
        if changed != 1 {
            return Err(group.altered("a row is gone that was just read"));
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
    pub(crate) fn remove(&mut self, place: &Place, id: &InstanceId) -> Result<()> {
        for statement in [
            "DELETE FROM instances WHERE organization = ?1 AND key = ?2 AND id = ?3",
            "DELETE FROM assignments WHERE organization = ?1 AND key = ?2 AND instance = ?3",
        ] {
            self.transaction
                .execute(statement, params![place.0, place.1, id.as_str()])
                .map_err(|error| self.sqlite(&error))?;
        }
        let group = self.group(place)?;
        group.entries.retain(|entry| entry.candidate.id != *id);
        group.assignments.retain(|bound| bound.instance != *id);
        Ok(())
    }

    /// Removes all of an organization and key, unseen: its seal may not fit.
    pub(crate) fn discard(&mut self, organization: &str, key: &str) -> Result<usize> {
        let mut counts = [0; 3];
        let tables = [
            "DELETE FROM instances WHERE organization = ?1 AND key = ?2",
            "DELETE FROM assignments WHERE organization = ?1 AND key = ?2",
            "DELETE FROM seals WHERE organization = ?1 AND key = ?2",
        ];
        for (statement, count) in tables.into_iter().zip(&mut counts) {
            *count = self
                .transaction
                .execute(statement, [organization, key])
                .map_err(|error| self.sqlite(&error))?;
        }
        let [instances, assignments, seals] = counts;
        if instances + assignments + seals > 0 {
            let event = Event {
                at: self.now,
                event: "discard",
                organization: Some(organization),
                key: Some(key),
                generation: Some(self.generation),
                ..Event::default()
            };
            self.events.push(event.encode());
        }
        Ok(instances)
    }

    /// Binds a consumer to an instance, over an earlier binding.
    pub(crate) fn bind(&mut self, place: &Place, assignment: &Assignment, id: &InstanceId) -> Result<()> {
        let bound = Bound {
            project: assignment.project.clone(),
            consumer: assignment.consumer.clone(),
            action: assignment.action.clone(),
            instance: id.clone(),
        };
        let (project, kind, consumer, action) = bound.place();
        self.transaction
            .execute(
                "INSERT OR REPLACE INTO assignments (organization, key, project, consumer_kind, consumer, \
                 action, instance) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![place.0, place.1, project, kind, consumer, action, id.as_str()],
            )
            .map_err(|error| self.sqlite(&error))?;
        let group = self.group(place)?;
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

    /// Removes a binding: the instance that it named and its version, if there was one.
    pub(crate) fn unbind(
        &mut self,
        place: &Place,
        assignment: &Assignment,
    ) -> Result<Option<(InstanceId, u64)>> {
        let group = self.group(place)?;
        let Ok(at) = group.assignment_at(&assignment.project, &assignment.consumer, &assignment.action)
        else {
            return Ok(None);
        };
        let bound = group.assignments.remove(at);
        let version = group.find(bound.instance.as_str()).map_or(0, |entry| entry.candidate.version);
        let (project, kind, consumer, action) = bound.place();
        self.transaction
            .execute(
                "DELETE FROM assignments WHERE organization = ?1 AND key = ?2 AND project = ?3 AND \
                 consumer_kind = ?4 AND consumer = ?5 AND action = ?6",
                params![place.0, place.1, project, kind, consumer, action],
            )
            .map_err(|error| self.sqlite(&error))?;
        Ok(Some((bound.instance, version)))
    }

    /// Seals what was changed. The events are to be recorded before the commit; none: nothing was changed. And the
    /// generation that the vault then is of.
    pub(crate) fn seal(self) -> Result<(Vec<Vec<u8>>, u64)> {
        let generation = self.generation.cast_unsigned();
        if self.events.is_empty() {
            return Ok((self.events, generation));
        }
        // What no reading accepts would take the group along.
        for ((organization, key), group) in &self.groups {
            if let Some(what) = group.is_too_large() {
                return Err(VaultError::CannotWrite {
                    problem: format!("the `{key}` credentials of `{organization}` would be too many: {what}"),
                    fix: "delete some that are not used any more".to_owned(),
                });
            }
        }
        let write = || {
            let vault = self.inner.keyring.vault();
            for ((organization, key), group) in &self.groups {
                if group.entries.is_empty() {
                    self.transaction.execute(
                        "DELETE FROM seals WHERE organization = ?1 AND key = ?2",
                        [organization, key],
                    )?;
                } else {
                    self.transaction.execute(
                        "INSERT OR REPLACE INTO seals (organization, key, key_id, mac) VALUES (?1, ?2, ?3, \
                         ?4)",
                        params![organization, key, self.key.id, group.seal(&self.key, vault)],
                    )?;
                }
            }
            named::add(self.transaction, &self.key, vault, self.now)?;
            counter::write(self.transaction, &self.key, vault, self.generation)
        };
        write().map_err(|error| self.sqlite(&error))?;
        Ok((self.events, generation))
    }
}

const PUT: &str = "INSERT INTO instances (organization, key, id, scope, owner, kind, label, is_default, \
    status, version, account, granted, expires_at, created_at, updated_at, fields, short_fields, sealed) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) ON CONFLICT \
    (organization, key, id) DO UPDATE SET scope = ?4, owner = ?5, kind = ?6, label = ?7, is_default = ?8, \
    status = ?9, version = ?10, account = ?11, granted = ?12, expires_at = ?13, updated_at = ?15, fields = \
    ?16, short_fields = ?17, sealed = ?18";
const UPDATE: &str = "UPDATE instances SET label = ?7, is_default = ?8, status = ?9, version = ?10, \
    account = ?11, granted = ?12, expires_at = ?13, updated_at = ?15, fields = ?16, short_fields = ?17 \
    WHERE organization = ?1 AND key = ?2 AND id = ?3 AND scope = ?4 AND owner = ?5 AND kind = ?6 AND \
    created_at = ?14 AND ?18 IS NULL";

/// A time as the file can hold it.
pub(crate) fn whole_millis(time: SystemTime) -> SystemTime {
    from_millis(to_millis(time))
}
