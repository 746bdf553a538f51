//! The key ring: entries `id:base64(32 bytes)`, a line each or between commas, of which **the first seals** and all open.
//! A line that begins with `#` is a comment. A file and a variable hold the same, so that one can be copied into the other.
//!
//! A vault never uses a ring's bytes themselves: from each key and the vault's id it derives one subkey per
//! use, so that one ring may serve two vaults and nothing sealed for one use passes for another. Keys are
//! wiped when dropped, and nothing here has a `Debug` that could show one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::KeyInit as _;
use keystroke_core::SecretString;
use zeroize::Zeroizing;

use crate::error::{Result, VaultError};
use crate::key_source::KeySource;
use crate::options::VaultOptions;
use crate::source::Source;

pub(crate) const KEY_LENGTH: usize = 32;
/// Boxed, so that a key stays where it was made: what is moved leaves a copy behind that nobody wipes.
pub(crate) type Key = Box<Zeroizing<[u8; KEY_LENGTH]>>;
pub(crate) type Hmac = hmac::Hmac<sha2::Sha256>;
/// 16 random bytes that tell one vault from another; they go into every derivation and seal.
pub(crate) type VaultId = [u8; 16];

/// The keys as their source has them. Never empty.
pub(crate) struct Ring {
    keys: Vec<(String, Key)>,
}

impl Ring {
    /// Reads its entries. Errors name the line and never its text.
    pub(crate) fn parse(text: &str, source: &KeySource) -> Result<Self> {
        let malformed = |line, problem| VaultError::MalformedRing { source: source.clone(), line, problem };
        let mut keys: Vec<(String, Key)> = Vec::new();
        let text = unquoted(text);
        let one_line = text.lines().count() <= 1;
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.starts_with('#'));
        // Where all is in one line, its entries are counted.
        let entries = lines.flat_map(|(line, text)| {
            let entries = text.split(',').map(str::trim).enumerate();
            entries.map(move |(nth, entry)| (if one_line { nth } else { line } + 1, entry))
        });
        for (line, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
            let (id, key) =
                entry.split_once(':').ok_or_else(|| malformed(line, "has no `:` after the key's id"))?;
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if id.is_empty() || id.len() > 64 || !id.chars().all(fits) {
                return Err(malformed(line, "has a key id that is not 1 to 64 letters, digits, `-` or `_`"));
            }
            if keys.iter().any(|(other, _)| other == id) {
                return Err(malformed(line, "has the id of an earlier line"));
            }
            let key = decode(key.trim()).ok_or_else(|| malformed(line, "is not base64 of 32 bytes"))?;
            keys.push((id.to_owned(), key));
        }
        if keys.is_empty() {
            return Err(malformed(0, "holds no key"));
        }
        Ok(Self { keys })
    }

    /// One new random key.
    pub(crate) fn generate() -> Result<Self> {
        Self { keys: Vec::new() }.with_new_key()
    }

    /// The ring with a new random key, which seals from now on.
    pub(crate) fn with_new_key(mut self) -> Result<Self> {
        let mut key = Key::default();
        random(key.as_mut_slice())?;
        self.keys.insert(0, (format!("k{}", random_base32(8)?), key));
        Ok(self)
    }

    /// The ring without these keys, and these. The one that seals stays.
    pub(crate) fn split(self, ids: &[String]) -> (Self, Self) {
        let mut at = 0;
        let (stay, go) = self.keys.into_iter().partition(|(id, _)| {
            at += 1;
            at == 1 || !ids.contains(id)
        });
        (Self { keys: stay }, Self { keys: go })
    }

    /// The ring with another one's keys behind its own.
    pub(crate) fn with(mut self, other: Self) -> Self {
        for key in other.keys {
            if !self.keys.iter().any(|(id, _)| *id == key.0) {
                self.keys.push(key);
            }
        }
        self
    }

    /// The ids of its keys, the one that seals first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(id, _)| id.as_str())
    }

    /// What one of its keys checks the audit record of a vault by.
    pub(crate) fn audit_key(&self, id: &str, vault: &VaultId) -> Result<Option<Key>> {
        let key = self.keys.iter().find(|(other, _)| other == id);
        key.map(|(_, key)| subkey(key, vault, AUDIT)).transpose()
    }

    /// The ring as its file has it, below a head of comments.
    pub(crate) fn to_text(&self, head: &str) -> Zeroizing<String> {
        // All of the room at once: a string that grows leaves copies of the key behind.
        let room = self.keys.iter().map(|(id, _)| id.len() + 64).sum::<usize>();
        let mut text = Zeroizing::new(String::with_capacity(head.len() + room));
        text.push_str(head);
        for (id, key) in &self.keys {
            let mut encoded = Zeroizing::new([0_u8; 44]);
            if let Ok(length) = STANDARD.encode_slice(key.as_slice(), encoded.as_mut_slice())
                && let Some(Ok(encoded)) = encoded.get(..length).map(std::str::from_utf8)
            {
                text.push_str(id);
                text.push(':');
                text.push_str(encoded);
                text.push('\n');
            }
        }
        text
    }
}

/// The text without what a file of variables or an editor puts around it: quotes, a byte order mark.
pub(crate) fn unquoted(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let within = |quote| text.trim().strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

/// A new random key as one entry of a ring, such as [`VaultOptions::key`](crate::VaultOptions::key),
/// `KEYSTROKE_VAULT_KEY` and the file of `KEYSTROKE_VAULT_KEY_FILE` take it: for a server or CI. It is kept nowhere.
///
/// ```
/// use keystroke_vault::{Vault, VaultOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let key = keystroke_vault::new_key()?;
/// let (_, created) = Vault::init(VaultOptions::at(folder.path()).key(key)?)?;
/// assert!(!created.new_key);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The system gives no random numbers.
pub fn new_key() -> Result<SecretString> {
    let text = Ring::generate()?.to_text("");
    Ok(SecretString::from(text.trim_end()))
}

fn decode(text: &str) -> Option<Key> {
    // Above 32, because the decoder wants room for what its input could hold at most.
    let mut room = Zeroizing::new([0_u8; 48]);
    let length = STANDARD.decode_slice(text, room.as_mut_slice()).ok()?;
    let decoded = room.get(..length)?;
    let mut key = Key::default();
    (decoded.len() == KEY_LENGTH).then(|| key.copy_from_slice(decoded))?;
    Some(key)
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<()> {
    keystroke_files::random_bytes(bytes).map_err(no_random_numbers)
}

/// Random text for an id.
pub(crate) fn random_base32(length: usize) -> Result<String> {
    keystroke_files::random_base32(length).map_err(no_random_numbers)
}

fn no_random_numbers(error: impl std::fmt::Display) -> VaultError {
    VaultError::System { what: format!("the system gives no random numbers: {error}") }
}

/// What one key of the ring is for one vault.
pub(crate) struct Subkeys {
    pub(crate) id: String,
    /// Seals records.
    pub(crate) record: Key,
    seal: Hmac,
    pub(crate) audit: AuditKey,
}

/// What rows of the audit record are chained by.
#[derive(Clone)]
pub(crate) struct AuditKey(Hmac);

impl AuditKey {
    pub(crate) fn of(key: &Key) -> Result<Self> {
        hmac_of(key).map(Self)
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.0, message)
    }

    pub(crate) fn fits(&self, message: &[u8], tag: &[u8]) -> bool {
        fits(&self.0, message, tag)
    }
}

const RECORD: &str = "keystroke/v1/record";
const SEAL: &str = "keystroke/v1/seal";
const AUDIT: &str = "keystroke/v1/audit";

/// The part of a key that one vault uses for one purpose.
fn subkey(key: &Key, vault: &VaultId, purpose: &str) -> Result<Key> {
    let mut subkey = Key::default();
    hkdf::Hkdf::<sha2::Sha256>::new(Some(vault), key.as_slice())
        .expand(purpose.as_bytes(), subkey.as_mut_slice())
        .map_err(|_| VaultError::System { what: "a key cannot be derived".to_owned() })?;
    Ok(subkey)
}

fn hmac_of(key: &Key) -> Result<Hmac> {
    Hmac::new_from_slice(key.as_slice())
        .map_err(|_| VaultError::System { what: "a key cannot be derived".to_owned() })
}

impl Subkeys {
    fn derive(id: &str, key: &Key, vault: &VaultId) -> Result<Self> {
        Ok(Self {
            id: id.to_owned(),
            record: subkey(key, vault, RECORD)?,
            seal: hmac_of(&subkey(key, vault, SEAL)?)?,
            audit: AuditKey::of(&subkey(key, vault, AUDIT)?)?,
        })
    }

    pub(crate) fn seal_mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.seal, message)
    }

    pub(crate) fn seal_fits(&self, message: &[u8], tag: &[u8]) -> bool {
        fits(&self.seal, message, tag)
    }
}

fn mac(key: &Hmac, message: &[u8]) -> [u8; 32] {
    use hmac::Mac as _;
    key.clone().chain_update(message).finalize().into_bytes().into()
}

/// In constant time.
fn fits(key: &Hmac, message: &[u8], tag: &[u8]) -> bool {
    use hmac::Mac as _;
    key.clone().chain_update(message).verify_slice(tag).is_ok()
}

/// The ring as one vault uses it. An id that it does not know makes it read its source again, once for each
/// question, so that a key added by another process works under running ones.
pub(crate) struct Keyring {
    source: Source,
    /// The vault that is named where the ring is gone.
    file: PathBuf,
    vault: VaultId,
    keys: RwLock<Arc<[Arc<Subkeys>]>>,
    /// The digest of what was read last. Held while the source is read: what was read first is not put in the place of
    /// what was read later.
    reading: Mutex<Option<[u8; 32]>>,
}

impl Keyring {
    pub(crate) fn new(options: &VaultOptions, ring: &Ring, vault: VaultId) -> Result<Self> {
        let keys = RwLock::new(derive(ring, &vault)?);
        Ok(Self {
            source: options.keys.clone(),
            file: options.vault_file(),
            vault,
            keys,
            reading: Mutex::default(),
        })
    }

    pub(crate) const fn vault(&self) -> &VaultId {
        &self.vault
    }

    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    /// Reads the ring again from where it is kept.
    pub(crate) fn reload(&self) -> Result<Arc<[Arc<Subkeys>]>> {
        let mut read = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ring) = self.source.load_other(&self.file, &mut read)? else { return Ok(self.held()) };
        let fresh = derive(&ring, &self.vault)?;
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
        found.ok_or_else(|| VaultError::UnknownKey { id: shown(id), source: self.source.describe() })
    }
}

/// A key id as an error shows it: what a damaged file says may be anything.
fn shown(id: &str) -> String {
    id.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

fn derive(ring: &Ring, vault: &VaultId) -> Result<Arc<[Arc<Subkeys>]>> {
    ring.keys.iter().map(|(id, key)| Subkeys::derive(id, key, vault).map(Arc::new)).collect()
}
