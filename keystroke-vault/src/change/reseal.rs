//! Groups sealed again with the key that is in use, as part of a rotation of the vault's key.

use rusqlite::params;

use super::Changeset;
use crate::audit::AuditEvent;
use crate::error::{Result, VaultError};
use crate::file::{all_tables, group_rows, group_writes, vault_keys};
use crate::format::group::{GroupId, InstanceEntry};

/// Groups looked at in one transaction.
const GROUPS: u32 = 256;
/// Secrets sealed in one transaction, plus the rest of the group that reaches the limit. A transaction keeps other
/// changes waiting, and takes a second for some tens of thousands.
const SECRETS: usize = 2_000;

/// How far a pass over the groups has come.
#[derive(Default)]
pub(crate) struct Cursor {
    /// The last group that was done.
    after: GroupId,
    end: bool,
}

impl Cursor {
    pub(crate) const fn is_at_end(&self) -> bool {
        self.end
    }
}

impl Changeset<'_> {
    /// Seals the next groups again, where they or their secrets are sealed with another key. Returns how many secrets
    /// were.
    pub(crate) fn reseal(&mut self, cursor: &mut Cursor, key_id: &str) -> Result<usize> {
        let groups = self.groups_after(&cursor.after)?;
        let mut at = cursor.after.clone();
        let mut resealed = 0;
        let mut touched = false;
        let mut seen = 0;
        for (group_id, sealed_with) in &groups {
            let GroupId { organization, key } = group_id;
            let (subkeys, file) = (&self.vault.subkeys, &self.vault.file);
            let group = group_rows::load(self.transaction, subkeys, file, organization, key)?;
            let old: Vec<_> =
                group.entries.iter().filter(|entry| *entry.record_key != self.key.id).cloned().collect();
            if !old.is_empty() || *sealed_with != self.key.id {
                touched = true;
                self.groups.insert(group_id.clone(), group);
            }
            for mut entry in old {
                let fields = self.open(group_id, &entry)?;
                let sealed = self.seal_fields(&mut entry, &fields)?;
                self.put_sealed(group_id, &entry, &sealed)?;
                resealed += 1;
            }
            at.clone_from(group_id);
            seen += 1;
            if resealed >= SECRETS {
                break;
            }
        }
        if touched {
            self.note_key("reseal", key_id);
        }
        *cursor = Cursor { after: at, end: seen == groups.len() && groups.len() < GROUPS as usize };
        Ok(resealed)
    }

    /// The next groups, and what they are sealed with.
    fn groups_after(&self, after: &GroupId) -> Result<Vec<(GroupId, String)>> {
        let groups = self
            .transaction
            .prepare(
                "SELECT organization, key, key_id FROM seals WHERE (organization, key) > (?1, ?2) ORDER BY \
                 organization, key LIMIT ?3",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map(params![after.organization, after.key, GROUPS], |row| {
                    Ok((GroupId { organization: row.get(0)?, key: row.get(1)? }, row.get(2)?))
                });
                rows.and_then(Iterator::collect)
            });
        groups.map_err(|error| self.sqlite(&error))
    }

    /// Notes what happens to the vault's own key, for the audit record.
    pub(crate) fn note_key(&mut self, event: &str, key_id: &str) {
        let event = AuditEvent {
            at: self.now,
            event,
            field: Some(key_id),
            generation: Some(self.generation),
            ..AuditEvent::default()
        };
        self.events.push(event.encode());
    }

    /// Makes the vault no longer name these keys; `false`, and nothing done, if one of them is still needed.
    pub(crate) fn retire(&mut self, key_ids: &[String]) -> Result<bool> {
        for key_id in key_ids {
            if all_tables::is_needed(self.transaction, key_id).map_err(|error| self.sqlite(&error))? {
                return Ok(false);
            }
        }
        for key_id in key_ids {
            vault_keys::remove(self.transaction, key_id).map_err(|error| self.sqlite(&error))?;
            self.note_key("retire_key", key_id);
        }
        Ok(true)
    }

    /// Replaces the sealed secret of an instance; all else stays.
    fn put_sealed(&mut self, group_id: &GroupId, entry: &InstanceEntry, sealed: &[u8]) -> Result<()> {
        let id = entry.candidate.id.as_str();
        let changed = group_writes::put_sealed(self.transaction, group_id, id, sealed)
            .map_err(|error| self.sqlite(&error))?;
        let group = self.group(group_id)?;
        let there = group.entries.iter_mut().find(|other| other.candidate.id == entry.candidate.id);
        match there.filter(|_| changed) {
            Some(there) => *there = entry.clone(),
            None => return Err(VaultError::altered(group, "a row is gone that was just read")),
        }
        Ok(())
    }
}
