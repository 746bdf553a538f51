//! Over standard input and output: one client, which started this program. Nothing but the protocol may be written to
//! standard output; logs go to standard error.

use std::sync::Arc;

use keystroke_core::Cancellation;
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::error::ServeError;
use crate::handler::Handler;
use crate::server::{Ready, Server};
use crate::tokens::Binding;

impl Server<Ready> {
    /// Serves the client at standard input and output until it closes them. All of its calls act for `binding`.
    ///
    /// # Errors
    /// [`ServeError::Protocol`]: what the client sent first was not MCP.
    pub async fn serve_stdio(self, binding: Binding) -> Result<(), ServeError> {
        self.serve_stdio_until(binding, Cancellation::new()).await
    }

    /// The same, and ends when `shutdown` is cancelled: calls that run are given two seconds to end.
    ///
    /// # Errors
    /// As [`serve_stdio`](Self::serve_stdio).
    pub async fn serve_stdio_until(self, binding: Binding, shutdown: Cancellation) -> Result<(), ServeError> {
        let (input, output) = stdio_pipes();
        self.serve_streams_until(input, output, binding, shutdown).await
    }

    /// The same over any two streams, such as those of a socket whose other end is known.
    ///
    /// # Errors
    /// As [`serve_stdio`](Self::serve_stdio).
    pub async fn serve_streams_until(
        self,
        input: impl AsyncRead + Send + Unpin + 'static,
        output: impl AsyncWrite + Send + Unpin + 'static,
        binding: Binding,
        shutdown: Cancellation,
    ) -> Result<(), ServeError> {
        let shared = self.share();
        let transport =
            AsyncRwTransport::new(input, output).with_max_line_length(shared.limits.message_bytes);
        let handler = Handler::over_stdio(shared, Arc::new(binding));
        let stop = CancellationToken::new();
        let serving = async {
            match serve_server_with_ct(handler, transport, stop.clone()).await {
                Ok(running) => {
                    running.waiting().await.map(|_| ()).map_err(|error| ServeError::Io(error.into()))
                }
                // It went away, or was sent away, before it said anything.
                Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
                Err(ServerInitializeError::ExpectedInitializeRequest(_)) => Err(ServeError::Protocol {
                    problem: "its first message asked for something else".to_owned(),
                }),
                Err(error) => Err(ServeError::Protocol { problem: error.to_string() }),
            }
        };
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => ended,
            () = shutdown.cancelled() => {
                stop.cancel();
                serving.await
            }
        }
    }
}
