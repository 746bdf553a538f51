//! A bound HTTP server: its address, and serving until it is shut down.

use std::net::SocketAddr;

use axum::Router;
use keystroke_core::Cancellation;
use tokio::net::TcpListener;

use crate::error::ServeError;
use crate::http::connection::{self, ConnectionLimits};

/// Where the server is.
pub(super) const PATH: &str = "/mcp";

/// A server that listens. Clients wait until it [serves](Self::serve).
#[derive(Debug)]
#[must_use = "clients wait until it serves"]
pub struct Listening {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) router: Router,
    pub(super) limits: ConnectionLimits,
}

impl Listening {
    /// Where it listens, with the port that it got.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to configure clients with.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Serves until the program ends.
    ///
    /// # Errors
    /// None yet: when no connection can be accepted, it tries again.
    pub async fn serve(self) -> Result<(), ServeError> {
        self.serve_until(Cancellation::new()).await
    }

    /// Serves until `shutdown` is cancelled. Then no new request is taken, and running calls may end within the
    /// [grace](super::Http::grace).
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_until(self, shutdown: Cancellation) -> Result<(), ServeError> {
        let Self { listener, router, limits, .. } = self;
        connection::serve(listener, router, limits, shutdown).await;
        Ok(())
    }
}
