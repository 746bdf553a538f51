//! Which of the changes on record happened. A change's rows are committed before the change itself, so a process that
//! is killed between the two leaves rows about something that never happened. Each row names the generation that its
//! change makes: the vault may not have reached it, another change may have made it, or a restored backup may have
//! taken it back.

use std::collections::HashMap;
use std::time::SystemTime;

use super::AuditEntry;

/// What tells the rows of one change from those of another that made the same generation.
type Change = (u32, SystemTime);

/// The last change on record for each generation, and whether it then failed.
#[derive(Default)]
pub(crate) struct History {
    made: HashMap<u64, (Change, bool)>,
    /// Restored backups: of which generation, as which one, and the change that it was.
    restored: Vec<(u64, u64, Change)>,
}

impl History {
    /// Takes in every row, in order.
    pub(crate) fn note(&mut self, entry: &AuditEntry) {
        if let Some(generation) = entry.generation {
            let change = (entry.process, entry.at);
            let failed = entry.code.as_deref() == Some("not_committed");
            if let ("restore", Some(version), false) = (&*entry.event, entry.version, failed) {
                self.restored.push((version, generation, change));
            }
            self.made.insert(generation, (change, failed));
        }
    }

    /// After every row: what made a vault that has this generation now.
    pub(crate) fn past(self, now: u64) -> Past {
        let mut past = Past { made: self.made, now, taken_back: Vec::new() };
        // The last one first: it may have taken others back, and then what those took back is there again.
        for (version, generation, change) in self.restored.into_iter().rev() {
            if past.has(generation, change) {
                past.taken_back.push((version, generation));
            }
        }
        past
    }
}

/// The changes that made a vault.
pub(crate) struct Past {
    made: HashMap<u64, (Change, bool)>,
    now: u64,
    /// Changes between the two numbers are not part of it.
    taken_back: Vec<(u64, u64)>,
}

impl Past {
    /// Whether a change is part of the vault; `None` if the row is not about a change.
    pub(crate) fn committed(&self, entry: &AuditEntry) -> Option<bool> {
        let generation = entry.generation?;
        self.made.contains_key(&generation).then(|| self.has(generation, (entry.process, entry.at)))
    }

    fn has(&self, generation: u64, change: Change) -> bool {
        generation <= self.now
            && self.made.get(&generation).is_some_and(|(last, failed)| *last == change && !failed)
            && !self.taken_back.iter().any(|(after, before)| *after < generation && generation < *before)
    }
}

#[cfg(test)]
mod tests;
