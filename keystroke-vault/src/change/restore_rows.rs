//! A vault's rows, replaced with those of a copy.

use rusqlite::Connection;

use super::Changeset;
use crate::audit::AuditEvent;
use crate::error::Result;
use crate::file::{all_tables, generation};

impl Changeset<'_> {
    /// Replaces the vault's rows with those of `from`, a copy that was checked. The generation goes on from the
    /// higher of both, so that none comes again and no version is above it.
    pub(crate) fn put_back(&mut self, from: &Connection) -> Result<()> {
        let from_generation = generation::read(from, &self.vault.subkeys, &self.vault.file)?;
        // It is below the highest number, because it was read.
        self.generation = self.generation.max(from_generation.cast_signed() + 1);
        all_tables::put_back(self.transaction, from).map_err(|error| self.sqlite(&error))?;
        self.note_restored(from_generation)
    }

    /// Makes the generation of a vault whose file was put back go on above `recorded`, the highest that its audit
    /// record knows of.
    pub(crate) fn go_on_above(&mut self, recorded: u64) -> Result<()> {
        let generation = self.generation.cast_unsigned() - 1;
        self.generation = self.generation.max(recorded.cast_signed().saturating_add(1));
        self.note_restored(generation)
    }

    /// Notes that the vault was put back, and from which generation.
    fn note_restored(&mut self, generation: u64) -> Result<()> {
        let event = AuditEvent {
            at: self.now,
            event: "restore",
            version: Some(generation.cast_signed()),
            generation: Some(self.generation),
            ..AuditEvent::default()
        };
        self.events.push(event.encode());
        Ok(())
    }
}
