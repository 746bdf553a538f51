//! A new key for a vault in use: a rotation adds a key to the ring, seals everything with it, and takes the old one
//! out when nothing needs it any more.
//!
//! It may be killed at any point, and the next rotation finishes it. The order, with each step on the disk before the
//! next: the ring gets the new key as its first; the vault names it, and from then on whoever changes the vault reads
//! the ring again and seals with it; groups are sealed again, some at a time; the record keeps what its old rows are
//! checked by; the vault no longer names the old key; the ring loses it.

use crate::audit;
use crate::change::Cursor;
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::file::connection;
use crate::file::tables::FileKind;
use crate::keys::key_source::KeySource;
use crate::keys::ring::Ring;
use crate::lock;
use crate::open_vault::OpenVault;

/// How many passes to make over what others may have changed meanwhile.
const PASSES: usize = 3;

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RotatedKey {
    /// The id of the key that seals now. Not a secret.
    pub key_id: String,
    /// Where it is.
    pub key_source: KeySource,
    /// Whether this finished an earlier rotation. Then no key was made.
    pub resumed: bool,
    /// How many secrets were sealed again.
    pub resealed: usize,
    /// The ids of the keys that the vault no longer needs.
    pub retired: Vec<String>,
    /// Those of them that are still in the ring, because other vaults may need them: take them out by hand.
    pub left: Vec<String>,
    /// Where the keys that were taken out are now: an earlier backup opens only with them.
    pub kept: Option<KeySource>,
}

impl OpenVault {
    pub(crate) fn rotate_key(&self) -> Result<RotatedKey> {
        let _lock = lock::of_vault(self.options.data_folder(), busy::PATIENCE)?;
        let source = self.subkeys.source();
        let resumed = self.is_under_way(&source.load(&self.file)?)?;
        if !resumed {
            source.change(&self.file, Ring::with_new_key)?;
        }
        self.subkeys.reload()?;
        let key_id = self.subkeys.active()?.id.clone();
        if !self.vault_keys()?.contains(&key_id) {
            self.change(|changes| {
                changes.note_key("rotate_key", &key_id);
                Ok(())
            })?;
        }
        let mut resealed = 0;
        let mut retired = Vec::new();
        for _ in 0..PASSES {
            resealed += self.reseal(&key_id)?;
            let old: Vec<String> = self.vault_keys()?.into_iter().filter(|id| *id != key_id).collect();
            if old.is_empty() {
                break;
            }
            self.keep_for_audit(&old)?;
            if self.change(|changes| changes.retire(&old))? {
                retired = old;
                break;
            }
        }
        self.clear_log();
        if self.vault_keys()? != [key_id.as_str()] {
            return Err(VaultError::CannotWrite {
                problem: "other processes keep sealing with an old key".to_owned(),
                fix:
                    "make sure that every process that uses this vault has the same key first in its ring, and run it again"
                        .to_owned(),
            });
        }
        let (left, kept) = self.leave_ring()?;
        Ok(RotatedKey { key_id, key_source: source.describe(), resumed, resealed, retired, left, kept })
    }

    /// Whether an earlier rotation is unfinished, or the ring was given a new key by hand.
    fn is_under_way(&self, ring: &Ring) -> Result<bool> {
        let vault_keys = self.vault_keys()?;
        let active = ring.ids().next().map(str::to_owned);
        let is_done = |id: &String| Some(id) == active.as_ref();
        let retired = self.retired()?;
        let is_retired = |id: &str| retired.iter().any(|old| old == id);
        if active.as_deref().is_some_and(is_retired) {
            // An old line was put back, and put first.
            return Ok(false);
        }
        let to_leave = self.subkeys.source().is_own() && ring.ids().any(is_retired);
        Ok(vault_keys.is_empty() || !vault_keys.iter().all(is_done) || to_leave)
    }

    /// The ids of the keys that the vault names.
    fn vault_keys(&self) -> Result<Vec<String>> {
        let keys = self.readers.take()?.reader()?.at_one_moment(|reader| reader.keys())?;
        Ok(keys.into_iter().map(|key| key.id).collect())
    }

    fn retired(&self) -> Result<Vec<String>> {
        let file = self.options.audit_file();
        audit::retired_ids(&connection::open_reader(&file, FileKind::Audit)?, &file)
    }

    /// Seals what is sealed with other keys with the one in use, some at a time, so that others get their turn.
    fn reseal(&self, key_id: &str) -> Result<usize> {
        let mut resealed = 0;
        let mut cursor = Cursor::default();
        while !cursor.is_at_end() {
            resealed += self.change(|changes| changes.reseal(&mut cursor, key_id))?;
        }
        Ok(resealed)
    }

    fn keep_for_audit(&self, old: &[String]) -> Result<()> {
        let ring = self.subkeys.source().load(&self.file)?;
        let unknown =
            |id: &String| VaultError::UnknownKey { id: id.clone(), source: self.subkeys.source().describe() };
        let keys = old.iter().map(|id| {
            let key = ring.audit_key(id, self.subkeys.vault())?;
            Ok((id.clone(), key.ok_or_else(|| unknown(id))?))
        });
        audit::keep_retired(&self.options.audit_file(), &self.subkeys, keys.collect::<Result<_>>()?)
    }

    /// Takes the keys that this vault has retired out of the ring. Returns those that have to stay, and where the
    /// others are now.
    fn leave_ring(&self) -> Result<(Vec<String>, Option<KeySource>)> {
        let source = self.subkeys.source();
        let retired = self.retired()?;
        let ring = source.load(&self.file)?;
        let there: Vec<String> =
            ring.ids().filter(|id| retired.iter().any(|old| old == id)).map(str::to_owned).collect();
        if there.is_empty() || !source.is_own() {
            return Ok((there, None));
        }
        let kept = source.retire(&self.file, &there)?;
        self.subkeys.reload()?;
        Ok((Vec::new(), Some(kept)))
    }
}

#[cfg(test)]
mod tests;
