//! The end of a server over HTTP: no new requests, then time for those that run, then none.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::share::Shares;

/// Ends the requests of a server that is part of another: see [`Http::into_router`](super::Http::into_router).
#[derive(Clone)]
pub struct Stop {
    closing: CancellationToken,
    over: CancellationToken,
    places: Shares,
}

impl Stop {
    pub(super) fn new(places: Shares) -> Self {
        Self { closing: CancellationToken::new(), over: CancellationToken::new(), places }
    }

    /// Takes no more requests from now on (they are answered 503), and waits until those that run have ended. When the
    /// grace is over, they are cancelled.
    pub async fn within(&self, grace: Duration) {
        self.closing.cancel();
        let _ = timeout(grace, self.places.settled()).await;
        self.over.cancel();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Waits until what still runs is cancelled.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.over.clone()
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stop").field("is_closing", &self.is_closing()).finish_non_exhaustive()
    }
}
