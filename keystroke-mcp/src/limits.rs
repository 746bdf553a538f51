//! How much a server takes on: calls at a time, calls that wait, and how long any of them may take.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Messages at a time beyond those of calls that run or wait: those that list tools, and the calls that are refused.
const OTHERS: usize = 64;

/// What clients can't exceed.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) at_a_time: usize,
    pub(crate) waiting: usize,
    pub(crate) message_bytes: usize,
}

impl Limits {
    /// How many calls run or wait.
    pub(crate) const fn places(&self) -> usize {
        self.at_a_time.saturating_add(self.waiting)
    }

    /// How many requests over HTTP are taken at a time, and how many messages over standard output may wait to be read.
    pub(crate) const fn messages(&self) -> usize {
        self.places().saturating_add(OTHERS)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), at_a_time: 64, waiting: 256, message_bytes: 1024 * 1024 }
    }
}

/// Where calls wait for their turn.
pub(crate) struct Queue {
    /// One for each call that runs or waits.
    places: Arc<Semaphore>,
    /// One for each call that runs.
    turns: Arc<Semaphore>,
}

/// Held while a call runs.
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Queue {
    pub(crate) fn new(limits: &Limits) -> Self {
        let at_a_time = limits.at_a_time.clamp(1, Semaphore::MAX_PERMITS);
        let places = limits.places().clamp(1, Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(places)), turns: Arc::new(Semaphore::new(at_a_time)) }
    }

    /// Waits for a turn; `None` at once if too many wait already.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        Some(Turn { _place: place, _turn: turn })
    }
}
