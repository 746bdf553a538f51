//! The one thread of a process that writes its audit rows. An open waits for its row; uses are batched, at
//! most 100 ms late. Waiting for another process's lock happens here, never in an executor's thread.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::chain::{self, Tally};
use super::entry::Who;
use crate::error::{Result, VaultError};
use crate::ring::Keyring;

/// How long a row may wait for others. Half of what SEMANTICS S5 allows: the write takes time too.
const LATE: Duration = Duration::from_millis(50);
/// How long to wait before a batch that failed is tried again. Nothing is used meanwhile, but for what asks
/// itself.
const AGAIN: Duration = Duration::from_secs(1);
/// How many rows may wait. More only pile up while writing fails or is far too slow.
const QUEUE: usize = 100_000;
/// How many rows go into one transaction together at most.
const BATCH: usize = 1_000;

enum Message {
    /// A row that may wait.
    Row(Vec<u8>),
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
        // Whoever asked may have given up.
        match self {
            Self::Task(sender) => drop(sender.send(result)),
            Self::Thread(sender) => drop(sender.send(result)),
        }
    }
}

/// What the thread tells those who queue rows.
#[derive(Default)]
struct State {
    waiting: AtomicUsize,
    /// Set while the last batch could not be written.
    failing: AtomicBool,
    failure: Mutex<Option<VaultError>>,
}

/// The handle of the thread. Dropping it writes what waits.
pub(crate) struct Audit {
    sender: mpsc::Sender<Message>,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Audit {
    /// Checks the record and starts its thread.
    pub(crate) fn start(
        connection: Connection,
        keyring: Arc<Keyring>,
        file: PathBuf,
        who: Who,
    ) -> Result<Self> {
        let seen = chain::check(&connection, &keyring, &file)?;
        let (sender, receiver) = mpsc::channel();
        let state = Arc::new(State::default());
        let writer =
            Writer { connection, keyring, file, who, seen, state: Arc::clone(&state), waiting: Vec::new() };
        let thread = std::thread::Builder::new()
            .name("keystroke-audit".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|error| VaultError::System {
                what: format!("the audit thread cannot start: {error}"),
            })?;
        Ok(Self { sender, state, thread: Some(thread) })
    }

    /// Queues a row, to be written within 100 ms. It fails while an earlier batch could not be written: there
    /// is no use without a record.
    pub(crate) fn queue(&self, event: Vec<u8>) -> Result<()> {
        if self.state.failing.load(Ordering::Acquire) {
            let failure = self.state.failure.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(error) = failure.as_ref() {
                return Err(error.clone());
            }
        }
        if self.state.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(VaultError::System {
                what: "audit records wait faster than they can be written".to_owned(),
            });
        }
        self.sender.send(Message::Row(event)).map_err(|_| gone())
    }

    /// Writes a row, with all that wait, and returns when it is committed.
    pub(crate) async fn commit(&self, event: Vec<u8>) -> Result<()> {
        let (sender, receiver) = oneshot::channel();
        self.sender.send(Message::Commit(vec![event], Reply::Task(sender))).map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Writer {
    connection: Connection,
    keyring: Arc<Keyring>,
    file: PathBuf,
    who: Who,
    seen: Tally,
    state: Arc<State>,
    /// Rows that were queued and are not written yet.
    waiting: Vec<Vec<u8>>,
}

impl Writer {
    fn run(mut self, receiver: &mpsc::Receiver<Message>) {
        let mut due: Option<Instant> = None;
        loop {
            let next = match due {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            let mut committing = Vec::new();
            let mut stop = false;
            match next {
                Ok(message) => stop = self.take(message, &mut committing),
                Err(RecvTimeoutError::Timeout) => due = Some(Instant::now()),
                Err(RecvTimeoutError::Disconnected) => stop = true,
            }
            // Whoever asks at the same time shares a transaction.
            while !stop && self.waiting.len() + committing.len() < BATCH {
                let Ok(message) = receiver.try_recv() else { break };
                stop = self.take(message, &mut committing);
            }
            let now = Instant::now();
            if stop
                || !committing.is_empty()
                || self.waiting.len() >= BATCH
                || due.is_some_and(|due| due <= now)
            {
                self.write(committing);
                // What could not be written is tried again.
                due = if self.waiting.is_empty() { None } else { Some(Instant::now() + AGAIN) };
            } else if !self.waiting.is_empty() {
                due = due.or(Some(now + LATE));
            }
            if stop {
                if !self.waiting.is_empty() {
                    tracing::error!(
                        rows = self.waiting.len(),
                        "audit records could not be written and are lost"
                    );
                }
                return;
            }
        }
    }

    fn take(&mut self, message: Message, committing: &mut Vec<(Vec<Vec<u8>>, Reply)>) -> bool {
        match message {
            Message::Row(row) => self.waiting.push(row),
            Message::Commit(rows, reply) => committing.push((rows, reply)),
            Message::Stop => return true,
        }
        false
    }

    /// Writes what waits and what is asked for, all or none.
    fn write(&mut self, committing: Vec<(Vec<Vec<u8>>, Reply)>) {
        let asked = committing.iter().flat_map(|(rows, _)| rows);
        let mut events = self.waiting.iter().chain(asked).map(Vec::as_slice).peekable();
        let result = if events.peek().is_none() {
            Ok(())
        } else {
            chain::append(&mut self.connection, &self.keyring, &self.file, &self.who, &mut self.seen, events)
        };
        match &result {
            Ok(()) => {
                self.state.waiting.fetch_sub(self.waiting.len(), Ordering::Relaxed);
                self.waiting.clear();
                self.state.failing.store(false, Ordering::Release);
            }
            Err(error) if !self.waiting.is_empty() => {
                *self.state.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                self.state.failing.store(true, Ordering::Release);
            }
            // Nobody's row was lost: those who asked are told.
            Err(_) => {}
        }
        for (_, reply) in committing {
            reply.send(result.clone());
        }
    }
}
