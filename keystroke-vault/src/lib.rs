//! The encrypted local vault of `keystroke`: two SQLite files, one with sealed credentials, one with the
//! record of who used them. Use it through the `keystroke` crate with its feature `vault`, or through the
//! program.
//!
//! [`Vault`] says what it protects. The key ring is a separate file ([`VaultOptions`]); without it nothing can be
//! read.
//!
//! "SEMANTICS R3" and the like cite the numbered rules of the repository's `docs/semantics.md`.

// From the ground up: `format/` is what a seal is, `keys/` the ring, `file/` the two SQLite files, `audit/` the record, `read/`
// what a run asks for, `open_vault.rs` what all of these make together, `change/` the operations and their transactions, and
// `vault/`, behind the public `vault.rs`, what concerns the vault as a whole.

mod audit;
mod change;
mod error;
mod file;
mod format;
mod keys;
mod lock;
mod open_vault;
mod options;
mod process;
mod read;
mod record;
mod time;
mod vault;

pub use audit::{AuditEntry, AuditFilter};
pub use error::VaultError;
pub use keys::key_source::KeySource;
pub use keys::ring::new_key;
pub use keys::wrap::KeyWrapper;
pub use options::VaultOptions;
pub use process::forbid_core_dumps;
pub use read::metadata::{KeyName, Metadata};
pub use record::{Add, Change, Filter, NewFields, NewInstance, Record, Verified};
pub use vault::{BackedUp, Created, Restored, RotatedKey, Vault};
