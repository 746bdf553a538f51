//! Serving over standard input and output: one client, which started this program. Nothing but the protocol may be written to
//! standard output; logs go to standard error.

mod backpressure;
mod transport;

use std::io::Read as _;
use std::sync::Arc;

use keystroke_core::Cancellation;
use keystroke_tokens::Binding;
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use self::backpressure::{Backpressure, PendingRequests};
use self::transport::StdioTransport;
use crate::client::Client;
use crate::error::ServeError;
use crate::handler::Handler;
use crate::server::{ReadyToServe, Server};

impl Server<ReadyToServe> {
    /// Serves the client at standard input and output until it closes them. All of its calls act for `binding`.
    ///
    /// # Errors
    /// [`ServeError::Protocol`]: the client's first message was not MCP's. [`ServeError::MissingState`]: the runtime lacks state
    /// that a tool takes.
    pub async fn serve_stdio(self, binding: Binding) -> Result<(), ServeError> {
        self.serve_stdio_until(binding, Cancellation::new()).await
    }

    /// The same, until `shutdown` is cancelled. Running calls then have two seconds to end.
    ///
    /// # Errors
    /// As [`serve_stdio`](Self::serve_stdio).
    pub async fn serve_stdio_until(self, binding: Binding, shutdown: Cancellation) -> Result<(), ServeError> {
        if are_pipes() {
            let (input, output) = stdio_pipes();
            return self.serve_streams_until(input, output, binding, shutdown).await;
        }
        self.serve_streams_until(input_by_thread(), tokio::io::stdout(), binding, shutdown).await
    }

    /// The same over any two streams, such as those of a socket whose peer is known.
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
        let shared = self.share()?;
        let lines = AsyncRwTransport::new(input, output).with_max_line_length(shared.limits.message_bytes);
        let pending = PendingRequests::default();
        let messages = Backpressure::new(lines, shared.limits.requests(), pending.clone());
        let client = Client::over_stdio(Arc::new(binding));
        shared.warn_if_all_are_forbidden(&client);
        let handler = Handler::new(shared, StdioTransport::new(client, pending));
        let stop = CancellationToken::new();
        let serving = async {
            match serve_server_with_ct(handler, messages, stop.clone()).await {
                Ok(running) => {
                    running.waiting().await.map(|_| ()).map_err(|error| ServeError::Io(error.into()))
                }
                // The client left, or the server was stopped, before it said anything.
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

/// Whether a client started this program the usual way. `rmcp` then reads and writes without threads.
#[cfg(target_os = "linux")]
fn are_pipes() -> bool {
    use std::os::fd::AsFd as _;

    use rustix::fs::{FileType, fstat};
    let (input, output) = (std::io::stdin(), std::io::stdout());
    [input.as_fd(), output.as_fd()]
        .into_iter()
        .all(|stream| fstat(stream).is_ok_and(|about| FileType::from_raw_mode(about.st_mode).is_fifo()))
}

#[cfg(not(target_os = "linux"))]
const fn are_pipes() -> bool {
    false
}

/// Standard input, read by a thread of our own: tokio's would keep the program from ending until the next line comes.
fn input_by_thread() -> DuplexStream {
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    let executor = Handle::current();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut buffer = [0; 16 * 1024];
        loop {
            match input.read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Ok(count @ 1..) => {
                    let read = buffer.get(..count).unwrap_or_default();
                    if executor.block_on(theirs.write_all(read)).is_err() {
                        break;
                    }
                }
                _ => break,
            }
        }
    });
    ours
}
