//! How the secret fields of an instance are sealed: an envelope of format, algorithm, key id, nonce and
//! ciphertext, bound by its associated data to the vault and to the one row and version that it was made for.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use keystroke_core::{Candidate, CredentialKind, Fields, InstanceId, Owner};
use zeroize::Zeroizing;

use super::SealError;
use super::codec::{Decoder, Encoder};
use super::policy_text::owner_name;
use super::subkeys::{Subkeys, VaultId};

const FORMAT: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// The longest sealed field set. Far above what the checks of values let in, and a bound on what a damaged file can
/// make this process allocate.
pub(crate) const LONGEST: usize = 8 * 1024 * 1024;

/// What a sealed field set is bound to.
pub(crate) struct RecordIdentity<'a> {
    pub(crate) vault: &'a VaultId,
    pub(crate) organization: &'a str,
    pub(crate) key: &'a str,
    pub(crate) owner: &'a Owner,
    pub(crate) id: &'a InstanceId,
    pub(crate) kind: CredentialKind,
    pub(crate) version: u64,
}

impl<'a> RecordIdentity<'a> {
    pub(crate) fn of(vault: &'a VaultId, candidate: &'a Candidate) -> Self {
        Self {
            vault,
            organization: &candidate.organization,
            key: &candidate.key,
            owner: &candidate.owner,
            id: &candidate.id,
            kind: candidate.kind,
            version: candidate.version,
        }
    }

    /// The associated data: the envelope's own head, then every identity column.
    fn bind(&self, head: &[u8]) -> Vec<u8> {
        let mut data = Encoder::new("keystroke/v1/record", 256);
        data.bytes(head);
        data.bytes(self.vault);
        data.text(self.organization);
        data.text(self.key);
        data.text(self.owner.scope().as_str());
        data.text(owner_name(self.owner));
        data.text(self.id.as_str());
        data.text(self.kind.as_str());
        data.number(self.version);
        data.finish()
    }
}

/// Seals `fields` for one row and version.
pub(crate) fn seal(
    keys: &Subkeys,
    identity: &RecordIdentity<'_>,
    fields: &Fields,
) -> Result<Vec<u8>, SealError> {
    seal_bytes(keys, |head| identity.bind(head), encode(fields))
}

/// Seals bytes, bound to what `bind` makes of the envelope's head.
pub(crate) fn seal_bytes(
    keys: &Subkeys,
    bind: impl FnOnce(&[u8]) -> Vec<u8>,
    mut body: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, SealError> {
    let head = head_of(&keys.id);
    let mut nonce = [0_u8; NONCE];
    keystroke_files::random_bytes(&mut nonce)
        .map_err(|error| SealError::NoRandomNumbers(error.to_string()))?;
    // What no read accepts must not be stored: its whole group would become unreadable.
    if head.len() + NONCE + body.len() + TAG > LONGEST {
        return Err(SealError::TooLong);
    }
    let cipher = XChaCha20Poly1305::new((&**keys.record).into());
    let tag = cipher
        .encrypt_inout_detached((&nonce).into(), &bind(&head), body.as_mut_slice().into())
        .map_err(|_| SealError::NotSealed)?;
    let mut sealed = head;
    sealed.reserve_exact(NONCE + body.len() + TAG);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&body);
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// How an envelope sealed with the key of this id begins.
pub(crate) fn head_of(key_id: &str) -> Vec<u8> {
    // A ring's key ids have at most 64 bytes.
    let length = u8::try_from(key_id.len()).unwrap_or(u8::MAX);
    [&[FORMAT, XCHACHA20_POLY1305, length], key_id.as_bytes()].concat()
}

/// An envelope that was parsed and not opened. Any bytes give one, or the reason why not.
pub(crate) struct Envelope<'a> {
    head: &'a [u8],
    pub(crate) key_id: &'a str,
    nonce: [u8; NONCE],
    body: &'a [u8],
    tag: [u8; TAG],
}

impl<'a> Envelope<'a> {
    pub(crate) fn parse(sealed: &'a [u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "a sealed secret is cut short";
        if sealed.len() > LONGEST {
            return Err("a sealed secret is longer than any");
        }
        let mut rest = Decoder::new(sealed);
        if rest.byte().ok_or(SHORT)? != FORMAT {
            return Err("a sealed secret has an unknown format");
        }
        if rest.byte().ok_or(SHORT)? != XCHACHA20_POLY1305 {
            return Err("a sealed secret has an unknown algorithm");
        }
        let length = usize::from(rest.byte().ok_or(SHORT)?);
        let key_id = std::str::from_utf8(rest.take(length).ok_or(SHORT)?)
            .map_err(|_| "a sealed secret has a key id that is not text")?;
        let (head, _) = sealed.split_at_checked(3 + length).ok_or(SHORT)?;
        let nonce = rest.take(NONCE).and_then(|nonce| nonce.try_into().ok()).ok_or(SHORT)?;
        let (body, tag) = rest.rest().split_last_chunk::<TAG>().ok_or(SHORT)?;
        Ok(Self { head, key_id, nonce, body, tag: *tag })
    }

    /// Opens it with the key that it names.
    pub(crate) fn open(&self, keys: &Subkeys, identity: &RecordIdentity<'_>) -> Result<Fields, &'static str> {
        let body = self
            .open_bytes(keys, |head| identity.bind(head))
            .ok_or("a sealed secret does not belong to this instance and version, or was changed")?;
        decode(&body).ok_or("a sealed secret does not hold fields")
    }

    /// What [`seal_bytes`] was given, if it was bound to the same.
    pub(crate) fn open_bytes(
        &self,
        keys: &Subkeys,
        bind: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut body = Zeroizing::new(self.body.to_vec());
        XChaCha20Poly1305::new((&**keys.record).into())
            .decrypt_inout_detached(
                (&self.nonce).into(),
                &bind(self.head),
                body.as_mut_slice().into(),
                (&self.tag).into(),
            )
            .ok()?;
        Some(body)
    }
}

/// The field set as bytes: the number of fields, then each name and value with its length. The room is taken
/// at once, for a buffer that grows leaves copies of the secrets behind; no serde for the same reason.
fn encode(fields: &Fields) -> Zeroizing<Vec<u8>> {
    let room =
        fields.iter().map(|(name, value)| 16 + name.len() + value.expose_secret().len()).sum::<usize>();
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 + room));
    bytes.extend_from_slice(&(fields.iter().count() as u64).to_le_bytes());
    for (name, value) in fields.iter() {
        for text in [name, value.expose_secret()] {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Fields> {
    let mut rest = Decoder::new(bytes);
    let count = rest.number()?;
    let mut fields = Fields::new();
    for _ in 0..count {
        let name = rest.text()?;
        let value = rest.text()?;
        fields.set(name, value);
    }
    rest.rest().is_empty().then_some(fields)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
