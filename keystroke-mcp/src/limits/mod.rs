//! How much a server takes on: calls at a time, calls that wait, and how long any of them may take.

pub(crate) mod fair;

use std::time::Duration;

use self::fair::{FairSemaphore, Holder, Permit};

/// Requests at a time beyond the calls that run or wait: those that list tools, and calls that are refused.
const OTHERS: usize = 64;

/// The bounds that clients can't exceed.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) at_a_time: usize,
    pub(crate) waiting: usize,
    pub(crate) message_bytes: usize,
}

impl Limits {
    /// How many calls may run or wait.
    pub(crate) const fn calls(&self) -> usize {
        self.at_a_time.saturating_add(self.waiting)
    }

    /// How many requests may be open, until their answers are written.
    pub(crate) const fn requests(&self) -> usize {
        self.calls().saturating_add(OTHERS)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60), at_a_time: 64, waiting: 256, message_bytes: 1024 * 1024 }
    }
}

/// Where calls wait until they may run.
pub(crate) struct CallQueue {
    /// A permit for each call that runs or waits.
    admitted: FairSemaphore,
    /// A permit for each call that runs.
    running: FairSemaphore,
}

/// Held while a call runs and until its answer is written: an answer that nobody reads fills the memory as a call does.
pub(crate) struct CallPermit {
    _admitted: Permit,
    _running: Permit,
}

impl CallQueue {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            admitted: FairSemaphore::new(limits.calls().max(1)),
            running: FairSemaphore::new(limits.at_a_time.max(1)),
        }
    }

    /// Waits until a call may run. `None` at once if too many wait already.
    pub(crate) async fn permit(&self, holder: &Holder) -> Option<CallPermit> {
        let admitted = self.admitted.try_acquire(holder)?;
        let running = self.running.acquire(holder).await?;
        Some(CallPermit { _admitted: admitted, _running: running })
    }
}
