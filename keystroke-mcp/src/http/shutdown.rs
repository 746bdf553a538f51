//! The shutdown of a server over HTTP: no new requests, then time for those that run, then none.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::limits::fair::FairSemaphore;

/// Shuts down a server that is part of another program: see [`Http::into_router`](super::Http::into_router).
#[derive(Clone)]
pub struct ShutdownHandle {
    closing: CancellationToken,
    over: CancellationToken,
    requests: FairSemaphore,
}

impl ShutdownHandle {
    pub(super) fn new(requests: FairSemaphore) -> Self {
        Self { closing: CancellationToken::new(), over: CancellationToken::new(), requests }
    }

    /// Answers new requests with 503 from now on, and waits until the running ones have ended. When the grace is over, they
    /// are cancelled.
    pub async fn within(&self, grace: Duration) {
        self.closing.cancel();
        let _ = timeout(grace, self.requests.all_free()).await;
        self.over.cancel();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Waits until the requests that still run are cancelled.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.over.clone()
    }
}

impl std::fmt::Debug for ShutdownHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShutdownHandle").field("is_closing", &self.is_closing()).finish_non_exhaustive()
    }
}
