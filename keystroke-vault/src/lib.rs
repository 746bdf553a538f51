//! The encrypted local vault of `keystroke`: two SQLite files, one with sealed credentials, one with the
//! record of who used them. Use it through the `keystroke` crate with its feature `vault`, or through the
//! program.
//!
//! [`Vault`] says what it protects. The key ring is a file apart ([`VaultOptions`]); without it nothing can
//! be read.

mod audit;
mod beacon;
mod codec;
mod error;
mod group;
mod kept;
mod known;
mod lock;
mod metadata;
mod open;
mod options;
mod read;
mod record;
mod ring;
mod ring_file;
mod schema;
mod seal;
mod store;
mod time;
mod vault;
mod work;
mod write;

pub use audit::{AuditEntry, AuditFilter};
pub use error::VaultError;
pub use metadata::{KeyName, Metadata};
pub use open::Created;
pub use options::{KeySource, VaultOptions};
pub use record::{Add, Change, Filter, NewFields, NewInstance, Record, Verified};
pub use vault::Vault;
