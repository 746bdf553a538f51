//! The thread that writes a process's audit rows. Uses are batched, at most 100 ms late. An open waits for its row,
//! and writes it itself where that takes no waiting: handing it over costs more than the rest of an open. Waiting for
//! another process's lock happens here, never in an executor's thread, and so does waiting for the disk: for
//! checkpoints, and for each commit of a strict audit.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use keystroke_core::UseRecord;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::audit_file::AuditFile;
use super::chain::{self, Tally};
use super::entry::{AuditEvent, Who};
use super::queue::{Batch, Queue, Tell};
use crate::error::{Result, VaultError};
use crate::file::generation;
use crate::file::identity::FileIdentity;
use crate::file::tables::FileKind;
use crate::file::{connection, schema};
use crate::keys::subkey_ring::SubkeyRing;

/// How long a row may wait for others: half of what SEMANTICS S5 allows, because the write takes time too.
const LATE: Duration = Duration::from_millis(50);
/// How long to wait before a failed batch is tried again. Nothing is used meanwhile, except by callers that write
/// their own row.
const AGAIN: Duration = Duration::from_secs(1);
/// After how many looks in vain the thread stops looking: waking it costs a caller microseconds.
const QUIET: u32 = 20;
/// How many waiting callers may share a transaction.
const TOGETHER: usize = 1_000;
/// How long the last handle waits for the last rows: it may be dropped in an executor's thread.
const PARTING: Duration = Duration::from_millis(500);
/// How often the thread then still tries to write them while another process holds the record; each attempt waits for
/// [`PATIENCE`](crate::file::busy::PATIENCE).
const LAST_TRIES: usize = 6;

enum Message {
    /// There are rows that may wait; `many`: more than a transaction takes.
    Rows {
        many: bool,
    },
    /// Rows (or none, to flush) that someone waits for.
    Commit(Vec<Vec<u8>>, Reply),
    Stop,
}

enum Reply {
    Task(oneshot::Sender<Result<()>>),
    Thread(mpsc::SyncSender<Result<()>>),
}

impl Reply {
    fn send(self, result: Result<()>) {
        // The caller may have given up.
        match self {
            Self::Task(sender) => drop(sender.send(result)),
            Self::Thread(sender) => drop(sender.send(result)),
        }
    }
}

/// What the thread and those who queue rows share.
#[derive(Default)]
struct State {
    queue: Queue,
    /// Set while the last batch could not be written, or the vault's file is not in its place.
    failing: AtomicBool,
    failure: Mutex<Option<VaultError>>,
    /// How much of the chain this process has written or read.
    seen: Mutex<Tally>,
    /// The latest time of a row that this process has met at the end of the chain.
    latest: AtomicI64,
    /// The highest generation of the vault that this process knows to have been committed.
    committed: AtomicU64,
}

impl State {
    fn seen(&self) -> Tally {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows were appended, after one with this time.
    fn appended(&self, seen: Tally, before: Option<i64>) {
        if let Some(before) = before {
            self.latest.fetch_max(before, Ordering::AcqRel);
        }
        self.saw(seen);
    }

    fn saw(&self, tally: Tally) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if tally.last > seen.last {
            *seen = tally;
        }
    }
}

/// The vault's file: it must be in its place and hold all committed changes, or nothing of it may be used. Values
/// that are lent from memory ask nobody, but each leaves a row, and the file is checked when that is written.
pub(crate) struct Watched {
    file: PathBuf,
    identity: FileIdentity,
    subkeys: Arc<SubkeyRing>,
    /// Opened when it is first needed.
    reader: Option<Connection>,
}

impl Watched {
    pub(crate) const fn new(file: PathBuf, identity: FileIdentity, subkeys: Arc<SubkeyRing>) -> Self {
        Self { file, identity, subkeys, reader: None }
    }

    /// Checks that the file is the one that was opened, and that its generation is not below this one.
    fn check(&mut self, committed: u64) -> Result<()> {
        self.identity.check(&self.file)?;
        if committed == 0 {
            return Ok(());
        }
        if self.reader.is_none() {
            // Whoever reads it reports what can't be read.
            self.reader = connection::open_reader(&self.file, FileKind::Vault).ok();
        }
        let Some(reader) = &self.reader else { return Ok(()) };
        match generation::read(reader, &self.subkeys, &self.file) {
            Ok(now) if now < committed => {
                Err(VaultError::RolledBack { file: self.file.clone(), recorded: committed })
            }
            _ => Ok(()),
        }
    }
}

/// The handle of the thread. Dropping it writes what waits.
pub(crate) struct Audit {
    sender: mpsc::Sender<Message>,
    state: Arc<State>,
    record: Arc<Mutex<AuditFile>>,
    /// Each commit waits for the disk.
    strict: bool,
    /// Disconnected when the thread has ended.
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Audit {
    /// Checks the record and starts its thread.
    pub(crate) fn start(
        connection: Connection,
        subkeys: Arc<SubkeyRing>,
        file: PathBuf,
        who: Who,
        vault: Watched,
        strict: bool,
    ) -> Result<Self> {
        let (seen, latest) = chain::check(&connection, &subkeys, &file)?;
        schema::bring_up(&connection, &file, FileKind::Audit, |_| Ok(()))?;
        connection::keep_log(&connection, &file)?;
        let (sender, receiver) = mpsc::channel();
        let (alive, ended) = mpsc::channel();
        let latest = AtomicI64::new(latest.unwrap_or(i64::MIN));
        let mut record = AuditFile::new(connection, subkeys, file, who, seen.last)?;
        let committed = AtomicU64::new(record.commits());
        let state = Arc::new(State { seen: Mutex::new(seen), latest, committed, ..State::default() });
        let record = Arc::new(Mutex::new(record));
        let writer = Writer { record: Arc::clone(&record), vault, state: Arc::clone(&state), taken: None };
        std::thread::Builder::new()
            .name("keystroke-audit".to_owned())
            .spawn(move || {
                writer.run(&receiver);
                drop(alive);
            })
            .map_err(|error| VaultError::System {
                what: format!("the audit thread cannot start: {error}"),
            })?;
        Ok(Self { sender, state, record, strict, ended: Mutex::new(ended) })
    }

    /// How much of the chain this process knows.
    pub(crate) fn seen(&self) -> Tally {
        self.state.seen()
    }

    /// A time that has certainly passed, whatever the clock says: some row has it.
    pub(crate) fn latest(&self) -> i64 {
        self.state.latest.load(Ordering::Acquire)
    }

    /// A generation of the vault that was certainly committed. Ask for it before reading the vault that you compare
    /// with it.
    pub(crate) fn committed(&self) -> u64 {
        self.state.committed.load(Ordering::Acquire)
    }

    /// This generation was committed.
    pub(crate) fn knows_committed(&self, generation: u64) {
        self.state.committed.fetch_max(generation, Ordering::AcqRel);
    }

    /// The record was read that far, and all of it fits.
    pub(crate) fn saw(&self, tally: Tally) {
        self.state.saw(tally);
    }

    /// Queues a row, to be written within 100 ms. It fails while an earlier batch could not be written: there
    /// is no use without a record.
    pub(crate) fn queue(&self, event: &AuditEvent<'_>) -> Result<()> {
        self.push(event.at, None, || event.encode())
    }

    /// Queues the row of a use or refusal, which is `encode`d only if no other one that waits says the same.
    pub(crate) fn queue_use(
        &self,
        at: i64,
        record: &UseRecord<'_>,
        encode: impl FnOnce() -> Vec<u8>,
    ) -> Result<()> {
        self.push(at, Some(record), encode)
    }

    fn push(&self, at: i64, used: Option<&UseRecord<'_>>, encode: impl FnOnce() -> Vec<u8>) -> Result<()> {
        if self.state.failing.load(Ordering::Acquire) {
            let failure = self.state.failure.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(error) = failure.as_ref() {
                return Err(error.clone());
            }
        }
        match self.state.queue.push(at, used, encode)? {
            Tell::Nobody => Ok(()),
            tell => self.sender.send(Message::Rows { many: tell == Tell::Many }).map_err(|_| gone()),
        }
    }

    /// Writes a row, and returns when it is committed.
    pub(crate) async fn commit(&self, event: Vec<u8>) -> Result<()> {
        if self.state.failing.load(Ordering::Acquire) {
            let failure = self.state.failure.lock().unwrap_or_else(PoisonError::into_inner);
            // Only this failure counts: whether the row can be written shows when it is written.
            if let Some(error @ VaultError::RolledBack { .. }) = failure.as_ref() {
                return Err(error.clone());
            }
        }
        if self.commit_now(&event) {
            return Ok(());
        }
        let (sender, receiver) = oneshot::channel();
        self.sender.send(Message::Commit(vec![event], Reply::Task(sender))).map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
    }

    /// Writes a row if that takes no waiting. The thread finds and reports any other reason why it can't be written.
    fn commit_now(&self, event: &[u8]) -> bool {
        if self.strict {
            return false;
        }
        let Ok(mut record) = self.record.try_lock() else { return false };
        if record.has_long_log() {
            return false;
        }
        let mut seen = self.state.seen();
        let Ok(before) = record.append_now(&mut seen, event) else { return false };
        self.state.appended(seen, before);
        true
    }

    /// As [`commit`](Self::commit), waiting in the calling thread; without events it writes what waits.
    pub(crate) fn commit_blocking(&self, events: Vec<Vec<u8>>) -> Result<()> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.sender.send(Message::Commit(events, Reply::Thread(sender))).map_err(|_| gone())?;
        receiver.recv().map_err(|_| gone())?
    }
}

fn gone() -> VaultError {
    VaultError::System { what: "the thread that writes the audit record has ended".to_owned() }
}

impl Drop for Audit {
    fn drop(&mut self) {
        let _ = self.sender.send(Message::Stop);
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(PARTING) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!(
                "another process holds the audit record: its last rows are still to be written, and are lost if \
                 this process ends now"
            );
        }
    }
}

struct Writer {
    record: Arc<Mutex<AuditFile>>,
    vault: Watched,
    state: Arc<State>,
    /// Rows that were queued and could not be written yet.
    taken: Option<Batch>,
}

impl Writer {
    fn run(mut self, receiver: &mpsc::Receiver<Message>) {
        let mut due: Option<Instant> = None;
        let mut quiet = 0;
        loop {
            let next = match due {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            let mut committing = Vec::new();
            let mut next = match next {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Message::Stop),
            };
            let mut now = next.is_none();
            let mut stop = false;
            // Callers that ask at the same time share a transaction.
            while let Some(message) = next {
                match message {
                    Message::Rows { many } => now |= many,
                    Message::Commit(rows, reply) => committing.push((rows, reply)),
                    Message::Stop => stop = true,
                }
                next = if stop || committing.len() >= TOGETHER { None } else { receiver.try_recv().ok() };
            }
            if now || stop || !committing.is_empty() {
                let wrote = self.taken.is_some() || self.state.queue.batches() > 0;
                quiet = if wrote { 0 } else { quiet + 1 };
                due = if !self.write(committing) {
                    // Tries again to write what failed, and looks again for a file that is not in its place.
                    Some(Instant::now() + AGAIN)
                } else if quiet >= QUIET && self.state.queue.leave() {
                    None
                } else {
                    Some(Instant::now() + LATE)
                };
            } else if due.is_none() {
                due = Some(Instant::now() + LATE);
            }
            if stop {
                for _ in 1..LAST_TRIES {
                    if self.taken.is_none() || !self.is_busy() {
                        break;
                    }
                    self.write(Vec::new());
                }
                let rows = self.taken.as_ref().map_or(0, Batch::len) + self.state.queue.rows();
                if rows > 0 {
                    tracing::error!(rows, "audit records could not be written and are lost");
                }
                return;
            }
        }
    }

    fn is_busy(&self) -> bool {
        let failure = self.state.failure.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*failure, Some(VaultError::Busy { .. }))
    }

    /// Writes what waits, and then what is asked for, all of that or none. Returns whether everything is in order
    /// now.
    fn write(&mut self, committing: Vec<(Vec<Vec<u8>>, Reply)>) -> bool {
        let mut result = Ok(());
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        // As many as there are now: new ones may come as fast as they are written.
        let batches = self.state.queue.batches() + usize::from(self.taken.is_some());
        for left in (0..batches.max(1)).rev() {
            if self.taken.is_none() {
                self.taken = self.state.queue.take();
            }
            let asked = committing.iter().filter(|_| left == 0).flat_map(|(rows, _)| rows);
            let asked = asked.map(|row| (row.as_slice(), None));
            let mut events = self.taken.iter().flat_map(Batch::rows).chain(asked).peekable();
            if events.peek().is_none() {
                continue;
            }
            let mut seen = self.state.seen();
            match record.append(&mut seen, events) {
                Ok(before) => self.state.appended(seen, before),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
            if let Some(batch) = self.taken.take() {
                self.state.queue.written(&batch);
            }
        }
        // If nothing waits, nobody's row was lost: those who asked get the error.
        let failure = match &result {
            Err(error) if self.taken.is_some() => Some(error.clone()),
            _ => {
                let others = record.commits();
                let committed = self.state.committed.fetch_max(others, Ordering::AcqRel).max(others);
                self.vault.check(committed).err()
            }
        };
        let right = failure.is_none();
        *self.state.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        self.state.failing.store(!right, Ordering::Release);
        for (_, reply) in committing {
            reply.send(result.clone());
        }
        record.put_log_away();
        right
    }
}

#[cfg(test)]
mod tests;
