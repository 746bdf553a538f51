//! Derives the subkeys of one vault from a key of the ring, one for each purpose, so that one ring may serve two vaults and
//! nothing sealed for one use passes for another. Keys are wiped when dropped, and nothing here has a `Debug` that
//! could show one.

use hmac::{KeyInit as _, Mac as _};
use zeroize::Zeroizing;

use super::SealError;

pub(crate) const KEY_LENGTH: usize = 32;
/// Boxed, so that a key stays where it was made: a move would leave a copy behind that nobody wipes.
pub(crate) type Key = Box<Zeroizing<[u8; KEY_LENGTH]>>;
type Hmac = hmac::Hmac<sha2::Sha256>;
/// 16 random bytes that tell one vault from another; they go into every derivation and seal.
pub(crate) type VaultId = [u8; 16];

const RECORD: &str = "keystroke/v1/record";
const SEAL: &str = "keystroke/v1/seal";
const AUDIT: &str = "keystroke/v1/audit";

/// What one key of the ring becomes for one vault.
pub(crate) struct Subkeys {
    pub(crate) id: String,
    /// Seals records.
    pub(crate) record: Key,
    seal: Hmac,
    pub(crate) audit: AuditKey,
}

impl Subkeys {
    pub(crate) fn derive(id: &str, key: &Key, vault: &VaultId) -> Result<Self, SealError> {
        Ok(Self {
            id: id.to_owned(),
            record: subkey(key, vault, RECORD)?,
            seal: hmac_of(&subkey(key, vault, SEAL)?)?,
            audit: AuditKey::of(&audit_key(key, vault)?)?,
        })
    }

    pub(crate) fn seal_mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.seal, message)
    }

    pub(crate) fn seal_fits(&self, message: &[u8], tag: &[u8]) -> bool {
        fits(&self.seal, message, tag)
    }
}

/// What rows of the audit record are chained by.
#[derive(Clone)]
pub(crate) struct AuditKey(Hmac);

impl AuditKey {
    pub(crate) fn of(key: &Key) -> Result<Self, SealError> {
        hmac_of(key).map(Self)
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.0, message)
    }

    pub(crate) fn fits(&self, message: &[u8], tag: &[u8]) -> bool {
        fits(&self.0, message, tag)
    }
}

/// The subkey that an [`AuditKey`] is made of.
pub(crate) fn audit_key(key: &Key, vault: &VaultId) -> Result<Key, SealError> {
    subkey(key, vault, AUDIT)
}

/// The part of a key that one vault uses for one purpose.
fn subkey(key: &Key, vault: &VaultId, purpose: &str) -> Result<Key, SealError> {
    let mut subkey = Key::default();
    hkdf::Hkdf::<sha2::Sha256>::new(Some(vault), key.as_slice())
        .expand(purpose.as_bytes(), subkey.as_mut_slice())
        .map_err(|_| SealError::NotDerived)?;
    Ok(subkey)
}

fn hmac_of(key: &Key) -> Result<Hmac, SealError> {
    Hmac::new_from_slice(key.as_slice()).map_err(|_| SealError::NotDerived)
}

fn mac(key: &Hmac, message: &[u8]) -> [u8; 32] {
    key.clone().chain_update(message).finalize().into_bytes().into()
}

/// In constant time.
fn fits(key: &Hmac, message: &[u8], tag: &[u8]) -> bool {
    key.clone().chain_update(message).verify_slice(tag).is_ok()
}
