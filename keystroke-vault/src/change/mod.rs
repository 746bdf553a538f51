//! Changing the vault: the operations, and the changeset that each of them fills. A change is one transaction, sealed from
//! memory and on record before it is committed. Checks of what comes in stand in `record/`; what concerns the vault
//! as a whole (backups, a new key) stands in `vault/` and uses this.

mod audit_events;
mod changeset;
mod operations;
mod reseal;
mod restore_rows;

pub(crate) use changeset::Changeset;
pub(crate) use reseal::Cursor;
