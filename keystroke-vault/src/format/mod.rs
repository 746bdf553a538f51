//! The sealed record format: how fields are sealed, what a seal over policy covers, and how both are written as
//! bytes. Other stores than SQLite share it, so nothing of SQL, files, rings or the vault's errors may come in: only
//! keys, instances and bytes.
//!
//! From the ground up: [`codec`] writes parts as bytes, [`columns`] writes policy as words, [`subkeys`] derives what a key
//! is for one vault, [`envelope`] seals fields, [`group`] and [`marks`] say what is sealed beside them.

pub(crate) mod codec;
pub(crate) mod envelope;
pub(crate) mod group;
pub(crate) mod policy_text;
pub(crate) mod subkeys;
pub(crate) mod vault_seals;

/// Why nothing could be sealed.
#[derive(Debug)]
pub(crate) enum SealError {
    /// The system gives no random numbers.
    NoRandomNumbers(String),
    /// More fields than any reading accepts.
    TooLong,
    /// The cipher refused.
    NotSealed,
    /// A subkey could not be derived.
    NotDerived,
}
