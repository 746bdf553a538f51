//! The key ring: entries `id:base64(32 bytes)`, one per line or between commas. **The first one seals**, and all of
//! them open. A line that begins with `#` is a comment. A file and a variable hold the same text, so that one can be
//! copied into the other.
//!
//! A vault never uses the ring's bytes themselves, only what is derived from them
//! ([`subkeys`](crate::format::subkeys)). Keys are wiped when dropped, and nothing here has a `Debug` that could show
//! one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystroke_core::SecretString;
use keystroke_files::{random_base32, random_bytes};
use zeroize::Zeroizing;

use super::key_source::KeySource;
use crate::error::{Result, VaultError};
use crate::format::subkeys::{KEY_LENGTH, Key, Subkeys, VaultId, audit_key};

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
        // In a single line the entries are counted.
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
        random_bytes(key.as_mut_slice()).map_err(VaultError::no_random_numbers)?;
        let id = random_base32(8).map_err(VaultError::no_random_numbers)?;
        self.keys.insert(0, (format!("k{id}"), key));
        Ok(self)
    }

    /// The ring without these keys, and a ring of these. The key that seals stays.
    pub(crate) fn split(self, ids: &[String]) -> (Self, Self) {
        let mut at = 0;
        let (stay, go) = self.keys.into_iter().partition(|(id, _)| {
            at += 1;
            at == 1 || !ids.contains(id)
        });
        (Self { keys: stay }, Self { keys: go })
    }

    /// The ring with another ring's keys after its own.
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

    /// The key by which one of its keys checks a vault's audit record.
    pub(crate) fn audit_key(&self, id: &str, vault: &VaultId) -> Result<Option<Key>> {
        let key = self.keys.iter().find(|(other, _)| other == id);
        Ok(key.map(|(_, key)| audit_key(key, vault)).transpose()?)
    }

    /// What each of its keys is for one vault.
    pub(crate) fn derive(&self, vault: &VaultId) -> Result<Vec<Subkeys>> {
        self.keys.iter().map(|(id, key)| Ok(Subkeys::derive(id, key, vault)?)).collect()
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

/// The text without what an editor or a file of variables puts around it: quotes, a byte order mark.
pub(crate) fn unquoted(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let within = |quote| text.trim().strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

/// A new random key as one entry of a ring, as [`VaultOptions::key`](crate::VaultOptions::key), `KEYSTROKE_VAULT_KEY`
/// and the file of `KEYSTROKE_VAULT_KEY_FILE` take it: for a server or CI. It is not stored anywhere.
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
