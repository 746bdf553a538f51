//! Rows that may wait for others: uses of values that the process holds, refusals, removals.
//!
//! Each warm call leaves a row, so a row has to cost little. Most say what an earlier one said, at another time:
//! these are stored as that one's number and their time. Nothing is allocated or formatted for them, and no thread is
//! woken.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::{AuditEvent, TEXTS};
use crate::error::{Result, VaultError};

/// How many rows may wait. More pile up only if writing fails or is far too slow.
const MOST: usize = 100_000;
/// And how many bytes what they say may take.
pub(super) const MOST_BYTES: usize = 32 * 1024 * 1024;
/// How many rows go into one transaction at most: others want to write too.
const BATCH: usize = 5_000;
/// How many of the last sayings a new one is compared with: this many runs can alternate.
const COMPARED: usize = 8;

/// What rows say, but for their time.
struct Saying {
    event: Box<str>,
    version: Option<i64>,
    generation: Option<i64>,
    texts: [Option<Box<str>>; TEXTS],
    /// As it is written.
    bytes: Box<[u8]>,
}

impl Saying {
    fn of(event: &AuditEvent<'_>) -> Self {
        Self {
            event: event.event.into(),
            version: event.version,
            generation: event.generation,
            texts: event.texts().map(|text| text.map(Box::from)),
            bytes: event.encode().into(),
        }
    }

    fn is(&self, event: &AuditEvent<'_>) -> bool {
        self.version == event.version
            && self.generation == event.generation
            && *self.event == *event.event
            && self.texts.iter().zip(event.texts()).all(|(own, other)| own.as_deref() == other)
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.texts.iter().flatten().map(|text| text.len()).sum::<usize>()
    }
}

/// Rows of one transaction, in the order in which they came.
#[derive(Default)]
pub(super) struct Batch {
    sayings: Vec<Saying>,
    /// Which saying, and when.
    rows: Vec<(usize, i64)>,
    bytes: usize,
}

impl Batch {
    /// What is to be written, each with its time.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[u8], Option<i64>)> {
        let bytes = |saying: usize| self.sayings.get(saying).map(|saying| &*saying.bytes);
        self.rows.iter().filter_map(move |(saying, at)| Some((bytes(*saying)?, Some(*at))))
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    fn known(&self, event: &AuditEvent<'_>) -> Option<usize> {
        let compared = self.sayings.iter().enumerate().rev().take(COMPARED);
        compared.into_iter().find(|(_, saying)| saying.is(event)).map(|(number, _)| number)
    }
}

/// What to tell the thread about a new row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    /// Nothing: it will look by itself.
    Nobody,
    /// That there is one.
    Some,
    /// That there are too many to wait until it looks.
    Many,
}

/// What callers and the thread that writes share.
#[derive(Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    /// How many rows wait and what they take, those that the thread holds included.
    rows: usize,
    bytes: usize,
    /// The thread looks here by itself.
    watched: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row.
    pub(super) fn push(&self, event: &AuditEvent<'_>) -> Result<Tell> {
        let full =
            || VaultError::System { what: "audit records wait faster than they can be written".to_owned() };
        let waiting = &mut *self.lock();
        if waiting.rows >= MOST {
            return Err(full());
        }
        let begin = waiting.batches.back().is_none_or(|batch| batch.len() >= BATCH);
        let known = waiting.batches.back().filter(|_| !begin).and_then(|batch| batch.known(event));
        let new = if known.is_none() { Some(Saying::of(event)) } else { None };
        let size = new.as_ref().map_or(0, Saying::size);
        if waiting.bytes + size > MOST_BYTES {
            return Err(full());
        }
        if begin {
            waiting.batches.push_back(Batch::default());
        }
        let Some(batch) = waiting.batches.back_mut() else { return Err(full()) };
        batch.rows.push((known.unwrap_or(batch.sayings.len()), event.at));
        batch.sayings.extend(new);
        batch.bytes += size;
        waiting.rows += 1;
        waiting.bytes += size;
        let watched = std::mem::replace(&mut waiting.watched, true);
        Ok(match watched {
            _ if begin && waiting.batches.len() > 1 => Tell::Many,
            true => Tell::Nobody,
            false => Tell::Some,
        })
    }

    /// How many rows wait here.
    pub(super) fn rows(&self) -> usize {
        self.lock().batches.iter().map(Batch::len).sum()
    }

    /// How many transactions it takes to write what waits here.
    pub(super) fn batches(&self) -> usize {
        self.lock().batches.len()
    }

    /// The rows that have waited longest. They count until they are [`written`](Self::written).
    pub(super) fn take(&self) -> Option<Batch> {
        self.lock().batches.pop_front()
    }

    pub(super) fn written(&self, batch: &Batch) {
        let mut waiting = self.lock();
        waiting.rows -= batch.rows.len();
        waiting.bytes -= batch.bytes;
    }

    /// The thread stops looking, unless there is something. Whether it does.
    pub(super) fn leave(&self) -> bool {
        let mut waiting = self.lock();
        waiting.watched = !waiting.batches.is_empty();
        !waiting.watched
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }
}
