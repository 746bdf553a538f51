//! Changing the vault: the verbs, the changeset that each of them fills, and what is refused before that. A change is one
//! transaction, sealed from memory and on record before it is committed. What concerns the vault as a whole (backups, a new
//! key) stands in `vault/` and uses this.

mod changeset;
mod notes;
mod put_back;
mod reseal;
mod verbs;

pub(crate) use changeset::Changeset;
pub(crate) use reseal::Cursor;
