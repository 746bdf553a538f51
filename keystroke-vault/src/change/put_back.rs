//! All of a vault's rows out of a copy of it.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Work;
use crate::audit::Event;
use crate::counter;
use crate::error::Result;

impl Work<'_> {
    /// Puts the rows of `from`, a copy that was checked, in place of those that are there. The number of changes goes
    /// on from the higher of both, so that none comes again and no version is above it.
    pub(crate) fn put_back(&mut self, from: &Connection) -> Result<()> {
        let generation = counter::read(from, &self.inner.keyring, &self.inner.file)?;
        // Below the highest number, as it was read.
        self.generation = self.generation.max(generation.cast_signed() + 1);
        for table in ["instances", "assignments", "seals", "keys"] {
            self.copy_table(from, table).map_err(|error| self.sqlite(&error))?;
        }
        self.note_restored(generation)
    }

    fn copy_table(&self, from: &Connection, table: &str) -> rusqlite::Result<()> {
        self.transaction.execute(&format!("DELETE FROM {table}"), [])?;
        let mut rows = from.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = rows.column_count();
        let marks = vec!["?"; columns].join(", ");
        let mut insert = self.transaction.prepare(&format!("INSERT INTO {table} VALUES ({marks})"))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let values =
                (0..columns).map(|at| row.get::<_, Value>(at)).collect::<rusqlite::Result<Vec<_>>>()?;
            insert.execute(params_from_iter(values))?;
        }
        Ok(())
    }

    /// Has the number of changes of a vault whose file was put back go on above `recorded`, the highest that its audit
    /// record knows of.
    pub(crate) fn go_on_above(&mut self, recorded: u64) -> Result<()> {
        let generation = self.generation.cast_unsigned() - 1;
        self.generation = self.generation.max(recorded.cast_signed().saturating_add(1));
        self.note_restored(generation)
    }

    /// Notes that the vault is one that was put back, and of which generation.
    fn note_restored(&mut self, generation: u64) -> Result<()> {
        let event = Event {
            at: self.now,
            event: "restore",
            version: Some(generation.cast_signed()),
            generation: Some(self.generation),
            ..Event::default()
        };
        self.events.push(event.encode());
        Ok(())
    }
}
