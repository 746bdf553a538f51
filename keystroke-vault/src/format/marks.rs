//! Seals for what belongs to no group: the vault's generation, and the keys that it names as those that seal in it.

use super::codec::Encoder;
use super::subkeys::{Subkeys, VaultId};

/// What is sealed by itself.
pub(crate) enum Mark {
    /// The vault's generation.
    Generation(i64),
    /// That the vault names a key, sealed with that key itself: this tells the right key from another one with its id, and
    /// the store's format from an earlier one.
    Key { created_at: i64, format: i64 },
}

impl Mark {
    pub(crate) fn seal(&self, key: &Subkeys, vault: &VaultId) -> [u8; 32] {
        key.seal_mac(&self.canonical(&key.id, vault))
    }

    pub(crate) fn fits(&self, key: &Subkeys, vault: &VaultId, mac: &[u8]) -> bool {
        key.seal_fits(&self.canonical(&key.id, vault), mac)
    }

    fn canonical(&self, key_id: &str, vault: &VaultId) -> Vec<u8> {
        match *self {
            Self::Generation(generation) => {
                let mut to = Encoder::new("keystroke/v1/counter", 128);
                to.bytes(vault);
                to.text(key_id);
                to.signed(generation);
                to.finish()
            }
            Self::Key { created_at, format } => {
                let mut to = Encoder::new("keystroke/v1/key-check", 128);
                to.signed(format);
                to.bytes(vault);
                to.text(key_id);
                // Format 1 did not cover it.
                if format > 1 {
                    to.signed(created_at);
                }
                to.finish()
            }
        }
    }
}
