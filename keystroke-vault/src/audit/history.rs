//! Which of the changes on record came to pass. A change's rows are committed before the change itself, so a
//! process that is killed between the two leaves rows of something that never happened. Each row names the
//! generation that its change makes: the vault may not have reached it, or another change may have made it.

use std::collections::HashMap;
use std::time::SystemTime;

use super::AuditEntry;

/// What tells the rows of one change from those of another that made the same generation.
type Change = (u32, SystemTime);

/// The last change on record for each generation, and whether it then failed or was taken back.
#[derive(Default)]
pub(crate) struct History(HashMap<u64, (Change, bool)>);

impl History {
    /// To be told every row, in order.
    pub(crate) fn note(&mut self, entry: &AuditEntry) {
        if let Some(generation) = entry.generation {
            // What was put back had fewer changes: those since are not part of it.
            if let ("restore", Some(version)) = (&*entry.event, entry.version) {
                let since = self.0.iter_mut().filter(|(made, _)| **made > version);
                since.for_each(|(_, (_, failed))| *failed = true);
            }
            let failed = entry.code.as_deref() == Some("not_committed");
            self.0.insert(generation, ((entry.process, entry.at), failed));
        }
    }

    /// Whether a change is part of a vault of this generation; `None` for what is no change.
    pub(crate) fn committed(&self, entry: &AuditEntry, now: u64) -> Option<bool> {
        let generation = entry.generation?;
        let (last, failed) = self.0.get(&generation)?;
        Some(generation <= now && *last == (entry.process, entry.at) && !failed)
    }
}
