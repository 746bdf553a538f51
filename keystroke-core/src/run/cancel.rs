//! A token that cancels the calls of a run. It is our own, so that core needs only `sync` of tokio.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// Cancels calls: give it to [`Run::cancellation`](crate::Run::cancellation), or read it in an action from its
/// context. Clones are the same token.
#[derive(Clone)]
pub struct Cancellation(Arc<Token>);

struct Token {
    /// What each call looks at, twice: the channel has a lock, which all calls of a run would share.
    cancelled: AtomicBool,
    waiting: watch::Sender<bool>,
}

impl Cancellation {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self(Arc::new(Token { cancelled: AtomicBool::new(false), waiting: watch::Sender::new(false) }))
    }

    /// Cancels it, once and for all.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.0.waiting.send_replace(true);
    }

    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Ends when it is cancelled.
    pub async fn cancelled(&self) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self.0.waiting.subscribe().wait_for(|cancelled| *cancelled).await;
    }
}

impl Default for Cancellation {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancellation").field(&self.is_cancelled()).finish()
    }
}
