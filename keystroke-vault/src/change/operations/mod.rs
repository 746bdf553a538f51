//! The operations that change a vault. Each is one transaction: it checks the seals of the groups that it touches, changes them
//! in memory and in the file, seals them again, has its audit rows committed, and only then commits.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use keystroke_core::{Assignment, Candidate, CredentialKind, InstanceId, Owner, Status};
use rusqlite::TransactionBehavior;

use super::changeset::{Changeset, whole_millis};
use crate::audit::{self, AuditEvent};
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::file::{identity, vault_keys};
use crate::format::group::{GroupId, InstanceEntry};
use crate::open_vault::OpenVault;
use crate::record::checks::{check_assignment, check_key, check_label, check_owner};
use crate::record::{Add, Change, NewFields, NewInstance, Record};

impl OpenVault {
    /// Fills a changeset in one transaction, and commits it. If it holds no event, nothing was changed, and nothing
    /// is written.
    pub(crate) fn change<T>(&self, fill: impl FnOnce(&mut Changeset<'_>) -> Result<T>) -> Result<T> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let sqlite = |error: rusqlite::Error| VaultError::sqlite(&self.file, &error);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        // A change written into a file that is no longer the vault would be lost silently. Checked under the lock,
        // which a process that replaces the file takes too.
        identity::check_in_place(&transaction, &self.file)?;
        vault_keys::know(&transaction, &self.subkeys, &self.file)?;
        let mut changes = Changeset::new(self, &transaction)?;
        let done = fill(&mut changes)?;
        let (events, generation) = changes.seal()?;
        if events.is_empty() {
            return Ok(done);
        }
        self.check_next(generation)?;
        self.audit.commit_blocking(events.clone())?;
        // Again: writing these rows has also read what others wrote.
        let committed = self.check_next(generation).and_then(|()| transaction.commit().map_err(sqlite));
        if let Err(error) = committed {
            // The record says that it happened, so say that it did not. If that fails too, the disk is the problem.
            let undone = events.iter().filter_map(|event| AuditEvent::decode(event));
            let undone = undone.map(|event| AuditEvent { code: Some("not_committed"), ..event }.encode());
            let _ = self.audit.commit_blocking(undone.collect());
            return Err(error);
        }
        self.audit.knows_committed(generation);
        let event = audit::committed(self.now(), generation);
        if self.audit.commit_blocking(vec![event.encode()]).is_err() {
            // The change is committed, whatever becomes of this row, which may come late.
            let _ = self.audit.queue(&event);
        }
        Ok(done)
    }

    /// Refuses a change that would make a generation that was made before: the vault was put back, and the change
    /// would overwrite what was taken from it.
    fn check_next(&self, generation: u64) -> Result<()> {
        let recorded = self.audit.committed();
        if generation > recorded {
            return Ok(());
        }
        Err(VaultError::RolledBack { file: self.file.clone(), recorded })
    }

    /// Clears old secrets from the log. It is no failure if another process is reading at this moment: the next
    /// checkpoint does it.
    pub(crate) fn clear_log(&self) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let cleared = writer
            .busy_timeout(Duration::from_millis(100))
            .and_then(|()| writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        let restored = busy::wait_for(&mut writer, busy::PATIENCE);
        if let Err(error) = cleared.and(restored) {
            tracing::debug!(%error, "the vault's log was not cleared");
        }
    }

    pub(crate) fn add(&self, instances: Vec<NewInstance>, mode: Add) -> Result<Vec<Record>> {
        for new in &instances {
            new.check()?;
        }
        self.change(|changes| {
            let mut added = Vec::with_capacity(instances.len());
            for new in instances {
                added.push(changes.add(new, mode)?);
            }
            added.iter().map(|(group_id, id)| changes.record(group_id, id)).collect()
        })
    }

    pub(crate) fn update(&self, id: &InstanceId, change: Change) -> Result<Record> {
        check_label(change.label.as_ref().and_then(Option::as_ref))?;
        self.change(|changes| {
            let (group_id, mut entry) = changes.find(id)?;
            if change.label.is_some() || change.default.is_some() {
                let marks = change.default == Some(true);
                if marks {
                    not_revoked(&entry.candidate)?;
                }
                let candidate = Arc::make_mut(&mut entry.candidate);
                candidate.label = change.label.unwrap_or(candidate.label.take());
                candidate.default = change.default.unwrap_or(candidate.default);
                if marks {
                    changes.unmark(&group_id, &entry.candidate)?;
                }
                changes.put(&group_id, entry, None)?;
                changes.note("update", &group_id, id)?;
            }
            changes.record(&group_id, id)
        })
    }

    pub(crate) fn rotate(&self, id: &InstanceId, mut new: NewFields) -> Result<Record> {
        let record = self.change(|changes| {
            let (group_id, mut entry) = changes.find(id)?;
            new.check(&entry.short_fields)?;
            not_revoked(&entry.candidate)?;
            let mut fields = changes.open(&group_id, &entry)?;
            new.merge_into(&mut fields)?;
            let candidate = Arc::make_mut(&mut entry.candidate);
            // It is below the highest, because it was read; `put` refuses what reads would refuse.
            candidate.version += 1;
            // Values given by hand make it what `set` would have made: this is the way out of `wrong_kind`.
            candidate.kind = CredentialKind::ApiKey;
            candidate.granted.clear();
            candidate.status = Status::Active;
            candidate.expires_at = new.expires_at.map(whole_millis);
            entry.short_fields.append(&mut new.short);
            let sealed = changes.seal_fields(&mut entry, &fields)?;
            changes.put(&group_id, entry, Some(&sealed))?;
            changes.note("rotate", &group_id, id)?;
            changes.record(&group_id, id)
        })?;
        self.clear_log();
        Ok(record)
    }

    pub(crate) fn move_to(&self, id: &InstanceId, owner: Owner, mode: Add) -> Result<Record> {
        self.change(|changes| {
            let (group_id, mut entry) = movable(changes, id, &owner, mode)?;
            if entry.candidate.owner == owner {
                return changes.record(&group_id, id);
            }
            // The secret is sealed for its owner, so it is opened and sealed again.
            let fields = changes.open(&group_id, &entry)?;
            let candidate = Arc::make_mut(&mut entry.candidate);
            let from = std::mem::replace(&mut candidate.owner, owner);
            // The mark chose among the old owner's instances; among the new owner's it would be a guess.
            candidate.default = false;
            candidate.version += 1;
            let sealed = changes.seal_fields(&mut entry, &fields)?;
            changes.put(&group_id, entry, Some(&sealed))?;
            changes.note_move(&group_id, id, &from)?;
            changes.record(&group_id, id)
        })
    }

    pub(crate) fn check_move(&self, id: &InstanceId, owner: &Owner, mode: Add) -> Result<()> {
        self.change(|changes| movable(changes, id, owner, mode).map(|_| ()))
    }

    pub(crate) fn revoke(&self, id: &InstanceId) -> Result<Record> {
        self.change(|changes| {
            let (group_id, mut entry) = changes.find(id)?;
            if entry.candidate.status != Status::Revoked {
                Arc::make_mut(&mut entry.candidate).status = Status::Revoked;
                changes.put(&group_id, entry, None)?;
                changes.note("revoke", &group_id, id)?;
            }
            changes.record(&group_id, id)
        })
    }

    pub(crate) fn delete(&self, id: &InstanceId) -> Result<Record> {
        let record = self.change(|changes| {
            let (group_id, _) = changes.find(id)?;
            let record = changes.record(&group_id, id)?;
            changes.note("delete", &group_id, id)?;
            changes.remove(&group_id, id)?;
            Ok(record)
        })?;
        self.clear_log();
        Ok(record)
    }

    pub(crate) fn discard(&self, organization: &str, key: &str) -> Result<usize> {
        let discarded = self.change(|changes| changes.discard(organization, key))?;
        self.clear_log();
        Ok(discarded)
    }

    pub(crate) fn assign(&self, assignment: &Assignment, key: &str, id: &InstanceId) -> Result<()> {
        check_key(key)?;
        check_assignment(assignment)?;
        self.change(|changes| {
            let (group_id, entry) = changes.find(id)?;
            let candidate = &entry.candidate;
            let refuse =
                |why: String| Err(VaultError::OutOfReach { id: id.clone(), why, key: key.to_owned() });
            if candidate.organization != assignment.organization {
                return refuse("it belongs to another organization".to_owned());
            }
            if candidate.key != key {
                return refuse(format!("it is a `{}` credential", candidate.key));
            }
            if let Owner::Project(project) = &candidate.owner
                && !serves(&candidate.owner, assignment)
            {
                return refuse(format!("it belongs to the project `{project}`"));
            }
            not_revoked(candidate)?;
            changes.bind(&group_id, assignment, id)?;
            changes.note_assignment("assign", assignment, key, id, candidate.version);
            Ok(())
        })
    }

    pub(crate) fn unassign(&self, assignment: &Assignment, key: &str) -> Result<bool> {
        self.change(|changes| {
            let group_id = GroupId { organization: assignment.organization.clone(), key: key.to_owned() };
            let Some((id, version)) = changes.unbind(&group_id, assignment)? else { return Ok(false) };
            changes.note_assignment("unassign", assignment, key, &id, version);
            Ok(true)
        })
    }
}

fn not_revoked(candidate: &Candidate) -> Result<()> {
    match candidate.status {
        Status::Revoked => Err(VaultError::Revoked { there: Box::new(candidate.clone()) }),
        Status::Active | Status::NeedsReconnect => Ok(()),
    }
}

/// The instance, if it may go to this owner.
fn movable(
    changes: &mut Changeset<'_>,
    id: &InstanceId,
    owner: &Owner,
    mode: Add,
) -> Result<(GroupId, InstanceEntry)> {
    check_owner(owner)?;
    let (group_id, entry) = changes.find(id)?;
    not_revoked(&entry.candidate)?;
    if entry.candidate.owner != *owner {
        changes.is_welcome(&group_id, owner, mode)?;
        let mut assignments = changes.record(&group_id, id)?.used_by;
        assignments.retain(|assignment| !serves(owner, assignment));
        if !assignments.is_empty() {
            let (id, key, owner) = (id.clone(), group_id.key, owner.clone());
            return Err(VaultError::StillAssigned { id, key, owner, assignments });
        }
    }
    Ok((group_id, entry))
}

/// Whether an instance of this owner may be bound to the assignment's consumer. A user's own may be: it serves that
/// user's runs and no others (SEMANTICS §3).
fn serves(owner: &Owner, assignment: &Assignment) -> bool {
    !matches!(owner, Owner::Project(project) if *project != assignment.project)
}

#[cfg(test)]
mod tests;
