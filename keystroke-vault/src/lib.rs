//! The encrypted local vault of `keystroke`: two SQLite files, one with sealed credentials, one with the
//! record of who used them. Use it through the `keystroke` crate with its feature `vault`, or through the
//! program.
//!
//! [`Vault`] says what it protects. The key ring is a file apart ([`VaultOptions`]); without it nothing can
//! be read.

mod audit;
mod backup;
mod beacon;
mod codec;
mod counter;
mod error;
mod group;
mod kept;
mod key_source;
mod known;
mod lock;
mod metadata;
mod named;
mod open;
mod options;
#[cfg(feature = "keyring")]
mod os_keyring;
mod place;
mod process;
mod read;
mod record;
mod ring;
mod ring_file;
mod rotate;
mod schema;
mod seal;
mod source;
mod store;
mod time;
mod vault;
mod verify;
mod work;
mod wrap;
mod write;

pub use audit::{AuditEntry, AuditFilter};
pub use backup::{BackedUp, Restored};
pub use error::VaultError;
pub use key_source::KeySource;
pub use metadata::{KeyName, Metadata};
pub use open::Created;
pub use options::VaultOptions;
pub use process::forbid_core_dumps;
pub use record::{Add, Change, Filter, NewFields, NewInstance, Record, Verified};
pub use ring::new_key;
pub use rotate::RotatedKey;
pub use vault::Vault;
pub use wrap::KeyWrapper;
