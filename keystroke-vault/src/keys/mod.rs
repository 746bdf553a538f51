//! The vault's own key: the ring, where it is kept (a file, a variable, the system's keyring), how it is wrapped there, and
//! the subkeys of it that one vault uses. How something is sealed with a subkey is the
//! [`format`](crate::format)'s; the verb that rotates the key is in `vault/`.

pub(crate) mod key_source;
#[cfg(feature = "keyring")]
pub(crate) mod keyring_entry;
pub(crate) mod ring;
mod ring_file;
pub(crate) mod ring_source;
pub(crate) mod subkey_ring;
pub(crate) mod wrap;
