//! Groups sealed anew with the key that is in use, as part of a rotation of the vault's key.

use rusqlite::params;

use super::Work;
use crate::audit::Event;
use crate::error::Result;
use crate::group::Group;
use crate::place::Place;
use crate::rotate;

/// Groups looked at in one transaction.
const GROUPS: u32 = 256;
/// Secrets sealed in one transaction, but for the rest of the group that is one too many. A transaction keeps other
/// changes waiting, and takes a second for some tens of thousands.
const SECRETS: usize = 2_000;

/// How far the groups were gone through.
#[derive(Default)]
pub(crate) struct Cursor {
    /// The last group that was seen to.
    after: Place,
    end: bool,
}

impl Cursor {
    pub(crate) const fn is_at_end(&self) -> bool {
        self.end
    }
}

impl Work<'_> {
    /// Seals the next groups anew, where they or their secrets are sealed with another key. How many secrets were.
    pub(crate) fn reseal(&mut self, cursor: &mut Cursor, key_id: &str) -> Result<usize> {
        let places = self.places_after(&cursor.after)?;
        let mut at = cursor.after.clone();
        let mut resealed = 0;
        let mut touched = false;
        let mut seen = 0;
        for (place, sealed_with) in &places {
            let (organization, key) = place;
            let group = Group::load(self.transaction, &self.inner.keyring, organization, key)
                .map_err(|failure| failure.of(&self.inner.file, organization, key))?;
            let old: Vec<_> =
                group.entries.iter().filter(|entry| *entry.record_key != self.key.id).cloned().collect();
            if !old.is_empty() || *sealed_with != self.key.id {
                touched = true;
                self.groups.insert(place.clone(), group);
            }
            for mut entry in old {
                let fields = self.open(place, &entry)?;
                let sealed = self.seal_fields(&mut entry, &fields)?;
                self.put_sealed(place, &entry, &sealed)?;
                resealed += 1;
            }
            at.clone_from(place);
            seen += 1;
            if resealed >= SECRETS {
                break;
            }
        }
        if touched {
            self.note_key("reseal", key_id);
        }
        *cursor = Cursor { after: at, end: seen == places.len() && places.len() < GROUPS as usize };
        Ok(resealed)
    }

    /// The next groups, and what they are sealed with.
    fn places_after(&self, after: &Place) -> Result<Vec<(Place, String)>> {
        let places = self
            .transaction
            .prepare(
                "SELECT organization, key, key_id FROM seals WHERE (organization, key) > (?1, ?2) ORDER BY \
                 organization, key LIMIT ?3",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map(params![after.0, after.1, GROUPS], |row| {
                    Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
                });
                rows.and_then(Iterator::collect)
            });
        places.map_err(|error| self.sqlite(&error))
    }

    /// Notes what happens to the vault's own key, for the audit record.
    pub(crate) fn note_key(&mut self, event: &str, key_id: &str) {
        let event = Event {
            at: self.now,
            event,
            field: Some(key_id),
            generation: Some(self.generation),
            ..Event::default()
        };
        self.events.push(event.encode());
    }

    /// Has the vault name these keys no more; `false`, and nothing done, if one of them is still needed.
    pub(crate) fn retire(&mut self, key_ids: &[String]) -> Result<bool> {
        for key_id in key_ids {
            if rotate::is_needed(self.transaction, key_id).map_err(|error| self.sqlite(&error))? {
                return Ok(false);
            }
        }
        for key_id in key_ids {
            self.transaction
                .execute("DELETE FROM keys WHERE key_id = ?1", [key_id])
                .map_err(|error| self.sqlite(&error))?;
            self.note_key("retire_key", key_id);
        }
        Ok(true)
    }

    /// Puts the sealed secret of an instance in place of its old one; all else stays.
    fn put_sealed(&mut self, place: &Place, entry: &crate::group::Entry, sealed: &[u8]) -> Result<()> {
        let changed = self
            .transaction
            .execute(
                "UPDATE instances SET sealed = ?4 WHERE organization = ?1 AND key = ?2 AND id = ?3",
                params![place.0, place.1, entry.candidate.id.as_str(), sealed],
            )
            .map_err(|error| self.sqlite(&error))?;
        let group = self.group(place)?;
        let there = group.entries.iter_mut().find(|other| other.candidate.id == entry.candidate.id);
        match there.filter(|_| changed == 1) {
            Some(there) => *there = entry.clone(),
            None => return Err(group.altered("a row is gone that was just read")),
        }
        Ok(())
    }
}
