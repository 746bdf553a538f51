//! Changing the vault: the verbs, and the changeset that each of them fills. A change is one transaction, sealed from
//! memory and on record before it is committed. Checks of what comes in stand in `record/`; what concerns the vault
//! as a whole (backups, a new key) stands in `vault/` and uses this.

mod changeset;
mod notes;
mod put_back;
mod reseal;
mod verbs;

pub(crate) use changeset::Changeset;
pub(crate) use reseal::Cursor;
