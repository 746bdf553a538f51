//! Where credentials are kept, and what a store is asked.
//!
//! Come here to fill a [`MemoryStore`], or to write a [`CredentialStore`] of your own. A store says which instances
//! there are; the runtime chooses one by [the rules](crate::rules#3-choosing), and only then may it be opened. The
//! guide has [an example](crate::guide#a-store-of-your-own).

pub use keystroke_core::{
    AssignmentIn, Candidate, Candidates, ClientName, Fields, InstanceId, Label, Lookup, OpenError,
    OpenPreview, Opened, Outcome, Owner, PendingRecord, Renewal, Resolved, Status, StoreError, UseRecord,
};

pub use crate::{Assignment, CredentialStore, Instance, MemoryStore};
