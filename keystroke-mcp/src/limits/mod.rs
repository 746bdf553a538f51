//! How much a server takes on: calls at a time, calls that wait, and how long any of them may take.

use std::time::Duration;

use crate::share::{Holder, Share, Shares};

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

    /// How many requests are taken at a time, until their answers are written.
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
    places: Shares,
    /// One for each call that runs.
    turns: Shares,
}

/// Held while a call runs, and until its answer is written: what nobody reads fills the memory as well.
pub(crate) struct Turn {
    _place: Share,
    _turn: Share,
}

impl Queue {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { places: Shares::new(limits.places().max(1)), turns: Shares::new(limits.at_a_time.max(1)) }
    }

    /// Waits for a turn; `None` at once if too many wait already.
    pub(crate) async fn turn(&self, holder: &Holder) -> Option<Turn> {
        let place = self.places.try_take(holder)?;
        let turn = self.turns.take(holder).await?;
        Some(Turn { _place: place, _turn: turn })
    }
}
