//! The counts of a check of the vault, for `vault verify`, `backup` and `restore`.

use keystroke_vault::Verified;
use serde::Serialize;

use crate::output::text::count;

/// How much of everything there is.
#[derive(Serialize)]
pub(super) struct VerifiedJson {
    instances: usize,
    groups: usize,
    assignments: usize,
    audit_entries: u64,
}

impl From<&Verified> for VerifiedJson {
    fn from(verified: &Verified) -> Self {
        Self {
            instances: verified.instances,
            groups: verified.groups,
            assignments: verified.assignments,
            audit_entries: verified.audit_entries,
        }
    }
}

/// The same in words.
pub(super) fn counted(verified: &Verified) -> String {
    [
        count(verified.instances as u64, "instance"),
        count(verified.assignments as u64, "assignment"),
        count(verified.audit_entries, "audit entry"),
    ]
    .join(", ")
}
