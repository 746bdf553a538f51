//! Seals for what belongs to no group: the vault's generation, and the keys that it names as those that seal in it.

use super::codec::Encoder;
use super::subkeys::{Subkeys, VaultId};

/// The vault's generation under one of its keys.
pub(crate) struct GenerationMark<'a> {
    pub(crate) vault: &'a VaultId,
    pub(crate) generation: i64,
}

impl GenerationMark<'_> {
    pub(crate) fn seal(&self, key: &Subkeys) -> [u8; 32] {
        key.seal_mac(&self.canonical(&key.id))
    }

    pub(crate) fn fits(&self, key: &Subkeys, mac: &[u8]) -> bool {
        key.seal_fits(&self.canonical(&key.id), mac)
    }

    fn canonical(&self, key_id: &str) -> Vec<u8> {
        let mut to = Encoder::new("keystroke/v1/counter", 128);
        to.bytes(self.vault);
        to.text(key_id);
        to.signed(self.generation);
        to.finish()
    }
}

/// A key that a vault names, sealed with that key itself: this tells the right key from another one with its id, and
/// the store's format from an earlier one.
pub(crate) struct KeyMark<'a> {
    pub(crate) vault: &'a VaultId,
    pub(crate) created_at: i64,
    pub(crate) format: i64,
}

impl KeyMark<'_> {
    pub(crate) fn seal(&self, key: &Subkeys) -> [u8; 32] {
        key.seal_mac(&self.canonical(&key.id))
    }

    pub(crate) fn fits(&self, key: &Subkeys, mac: &[u8]) -> bool {
        key.seal_fits(&self.canonical(&key.id), mac)
    }

    fn canonical(&self, key_id: &str) -> Vec<u8> {
        let mut to = Encoder::new("keystroke/v1/key-check", 128);
        to.signed(self.format);
        to.bytes(self.vault);
        to.text(key_id);
        // Format 1 did not cover it.
        if self.format > 1 {
            to.signed(self.created_at);
        }
        to.finish()
    }
}
