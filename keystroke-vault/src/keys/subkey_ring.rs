//! The ring as one vault uses it: the subkeys of each of its keys, read again when another process has changed the ring.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::ring::Ring;
use super::ring_source::RingSource;
use crate::error::{Result, VaultError};
use crate::format::subkeys::{Subkeys, VaultId};

/// The ring as one vault uses it. When it is asked for an id that it does not know, it reads its source again, once
/// per question, so that running processes use a key that another one added.
pub(crate) struct SubkeyRing {
    source: RingSource,
    /// The vault that an error names when the ring is gone.
    file: PathBuf,
    vault: VaultId,
    keys: RwLock<Arc<[Arc<Subkeys>]>>,
    /// The digest of what was read last. Locked while the source is read, so that an earlier reading never replaces a
    /// later one.
    reading: Mutex<Option<[u8; 32]>>,
}

impl SubkeyRing {
    /// The `ring` that was read from `source`, for the vault of this id in `file`.
    pub(crate) fn new(source: RingSource, file: PathBuf, ring: &Ring, vault: VaultId) -> Result<Self> {
        let keys = RwLock::new(shared(ring, &vault)?);
        Ok(Self { source, file, vault, keys, reading: Mutex::default() })
    }

    pub(crate) const fn vault(&self) -> &VaultId {
        &self.vault
    }

    pub(crate) const fn source(&self) -> &RingSource {
        &self.source
    }

    /// Reads the ring again from where it is kept.
    pub(crate) fn reload(&self) -> Result<Arc<[Arc<Subkeys>]>> {
        let mut read = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ring) = self.source.load_other(&self.file, &mut read)? else { return Ok(self.held()) };
        let fresh = shared(&ring, &self.vault)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }

    /// The keys as they were read last.
    pub(crate) fn held(&self) -> Arc<[Arc<Subkeys>]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that seals.
    pub(crate) fn active(&self) -> Result<Arc<Subkeys>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.first().cloned().ok_or_else(|| VaultError::System { what: "the ring is empty".to_owned() })
    }

    pub(crate) fn find(&self, id: &str) -> Result<Arc<Subkeys>> {
        let find = |keys: &[Arc<Subkeys>]| keys.iter().find(|key| key.id == id).cloned();
        if let Some(key) = find(&self.keys.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(key);
        }
        let found = find(&self.reload()?);
        found.ok_or_else(|| VaultError::UnknownKey { id: printable(id), source: self.source.describe() })
    }
}

/// A key id as an error shows it: a damaged file may say anything.
fn printable(id: &str) -> String {
    id.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

fn shared(ring: &Ring, vault: &VaultId) -> Result<Arc<[Arc<Subkeys>]>> {
    Ok(ring.derive(vault)?.into_iter().map(Arc::new).collect())
}
