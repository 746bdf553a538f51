//! Rows that may wait for others: uses of values that the process holds, refusals, removals.
//!
//! Each warm call leaves a row, so a row has to cost little. Most say what an earlier one said, at another time:
//! these are stored as that one's number and their time. Nothing is allocated or formatted for them, and no thread is
//! woken.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keystroke_core::{InstanceId, Outcome, Rule, RunFacts, UseRecord};

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
    /// `None` where no later row is compared with it.
    used: Option<Used>,
    /// As it is written.
    bytes: Box<[u8]>,
}

/// A use of a credential as later ones are compared with it. Of the run only whether it is the same one: it is held here, so
/// that no other can take its place in memory, and it never changes.
struct Used {
    run: Arc<RunFacts>,
    action: Box<str>,
    key: Box<str>,
    field: Option<Box<str>>,
    instance: Option<InstanceId>,
    version: Option<u64>,
    rule: Option<Rule>,
    outcome: Outcome,
}

impl Used {
    fn of(record: &UseRecord<'_>) -> Self {
        Self {
            run: Arc::clone(record.run),
            action: record.action.into(),
            key: record.key.into(),
            field: record.field.map(Box::from),
            instance: record.instance.cloned(),
            version: record.version,
            rule: record.rule,
            outcome: record.outcome,
        }
    }

    fn is(&self, record: &UseRecord<'_>) -> bool {
        Arc::ptr_eq(&self.run, record.run)
            && self.version == record.version
            && self.rule == record.rule
            && self.outcome == record.outcome
            && self.instance.as_ref() == record.instance
            && *self.action == *record.action
            && *self.key == *record.key
            && self.field.as_deref() == record.field
    }

    fn size(&self) -> usize {
        let run = &self.run;
        let user = run.user.as_deref().unwrap_or_default();
        let texts = [&run.id, &run.organization, &run.project, user, run.consumer.slug()];
        let selected = run.selections.iter().map(|(key, id)| key.len() + id.as_str().len());
        let own = [&*self.action, &*self.key, self.field.as_deref().unwrap_or_default()];
        texts.into_iter().chain(own).map(str::len).chain(selected).sum()
    }
}

impl Saying {
    fn size(&self) -> usize {
        self.bytes.len() + self.used.as_ref().map_or(0, Used::size)
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

    fn known(&self, record: &UseRecord<'_>) -> Option<usize> {
        let is_it = |saying: &Saying| saying.used.as_ref().is_some_and(|used| used.is(record));
        let mut compared = self.sayings.iter().enumerate().rev().take(COMPARED);
        compared.find(|(_, saying)| is_it(saying)).map(|(number, _)| number)
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

#[cold]
fn full() -> VaultError {
    VaultError::System { what: "audit records wait faster than they can be written".to_owned() }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row: what it says, and when. What a use says is encoded only if no earlier row says it.
    pub(super) fn push(
        &self,
        at: i64,
        used: Option<&UseRecord<'_>>,
        encode: impl FnOnce() -> Vec<u8>,
    ) -> Result<Tell> {
        let waiting = &mut *self.lock();
        if waiting.rows >= MOST {
            return Err(full());
        }
        let last = waiting.batches.back_mut().filter(|batch| batch.len() < BATCH);
        let begin = last.is_none();
        if let Some(batch) = last
            && let Some(known) = used.and_then(|record| batch.known(record))
        {
            batch.rows.push((known, at));
        } else {
            let new = Saying { used: used.map(Used::of), bytes: encode().into() };
            let size = new.size();
            if waiting.bytes + size > MOST_BYTES {
                return Err(full());
            }
            if begin {
                waiting.batches.push_back(Batch::default());
            }
            let Some(batch) = waiting.batches.back_mut() else { return Err(full()) };
            batch.rows.push((batch.sayings.len(), at));
            batch.sayings.push(new);
            batch.bytes += size;
            waiting.bytes += size;
        }
        waiting.rows += 1;
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
