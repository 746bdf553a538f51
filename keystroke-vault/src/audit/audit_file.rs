//! The record's file as a process writes to it: usually in the audit thread, and in an executor's thread where that
//! takes no waiting.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::chain::{self, Tally};
use super::commits::Commits;
use super::entry::Who;
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::keys::subkey_ring::SubkeyRing;

/// The log is checkpointed when it has this many pages: SQLite's own measure.
const LONG: i32 = 1_000;

pub(super) struct AuditFile {
    connection: Connection,
    subkeys: Arc<SubkeyRing>,
    file: PathBuf,
    who: Who,
    /// Set when the log has become long. A checkpoint waits for the disk, so it is left to the thread, and until then
    /// so are rows.
    long: Arc<AtomicBool>,
    /// What the rows say of changes, up to the one of this number.
    commits: Commits,
    looked_at: u64,
}

/// How many of the last rows are read when the record is opened. Reading all of them would take ever longer.
const LAST: u64 = 256;

impl AuditFile {
    pub(super) fn new(
        mut connection: Connection,
        subkeys: Arc<SubkeyRing>,
        file: PathBuf,
        who: Who,
        last: u64,
    ) -> Result<Self> {
        let long = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&long);
        // Replaces SQLite's own, which checkpoints in whichever thread commits.
        connection
            .wal_hook(Some(move |_: &mut _, pages| {
                if pages >= LONG {
                    told.store(true, Ordering::Relaxed);
                }
                Ok(())
            }))
            .map_err(|error| VaultError::sqlite(&file, &error))?;
        let (commits, looked_at) = (Commits::default(), last.saturating_sub(LAST));
        Ok(Self { connection, subkeys, file, who, long, commits, looked_at })
    }

    /// Appends rows, waiting for other processes. Returns the time of the row before.
    pub(super) fn append<'a>(
        &mut self,
        seen: &mut Tally,
        events: impl Iterator<Item = (&'a [u8], Option<i64>)>,
    ) -> Result<Option<i64>> {
        let appended =
            chain::append(&mut self.connection, &self.subkeys, &self.file, &self.who, seen, events)?;
        // Nobody else wrote in between, and a process knows of its own changes.
        if appended.after == self.looked_at {
            self.looked_at = seen.last;
        }
        Ok(appended.time)
    }

    /// The highest generation that the rows of others, as they are now, know to be committed.
    pub(super) fn commits(&mut self) -> u64 {
        // Whoever reads the record reports what can't be read.
        if let Ok(last) = self.commits.note_above(&self.connection, self.looked_at) {
            self.looked_at = last;
        }
        self.commits.highest()
    }

    /// Appends a row if that takes no waiting.
    pub(super) fn append_now(&mut self, seen: &mut Tally, event: &[u8]) -> Result<Option<i64>> {
        let patience = |record: &mut Self, patience| {
            busy::wait_for(&mut record.connection, patience)
                .map_err(|error| VaultError::sqlite(&record.file, &error))
        };
        patience(self, Duration::ZERO)?;
        let appended = self.append(seen, std::iter::once((event, None)));
        patience(self, busy::PATIENCE)?;
        appended
    }

    pub(super) fn has_long_log(&self) -> bool {
        self.long.load(Ordering::Relaxed)
    }

    /// Checkpoints a long log, as far as nobody is reading it.
    pub(super) fn put_log_away(&self) {
        if self.long.swap(false, Ordering::Relaxed)
            && let Err(error) = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        {
            // As in SQLite's own checkpoint: the rows are safe in the log, and the next commit reports it again.
            tracing::debug!(%error, "the audit record's log stays long");
        }
    }
}
