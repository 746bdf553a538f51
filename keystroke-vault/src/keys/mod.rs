//! The vault's own key: the ring, where it is kept (a file, a variable, a keyring), how it is wrapped there, and the
//! subkeys that one vault derives from it. How a subkey seals something belongs in [`format`](crate::format); the
//! verb that rotates the key, which goes over the whole vault, is `vault/rotate_key.rs`.

pub(crate) mod key_source;
#[cfg(feature = "keyring")]
pub(crate) mod keyring_entry;
pub(crate) mod ring;
pub(crate) mod ring_file;
pub(crate) mod ring_source;
pub(crate) mod subkey_ring;
pub(crate) mod wrap;
