//! Connections, below HTTP: at most so many are open (`pool`), and a client is waited for only so long: for the head of its
//! request, and to read its answer (`write_timeout`). `axum::serve` limits neither, so this uses hyper's own connection.

pub(super) mod pool;
mod write_timeout;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use keystroke_core::Cancellation;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::pool::{ConnectionPool, OpenConnection};
use self::write_timeout::WriteTimeout;

/// The longest head of a request, and how much of an answer is buffered before it is written.
const BUFFER: usize = 64 * 1024;
/// When no connection can be accepted, the next try comes at the latest after this.
const RETRY: Duration = Duration::from_secs(1);

/// Where connections come from.
pub(super) trait Listen {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let (stream, _) = Self::accept(self).await?;
        // An answer is small and somebody waits for it.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// How many connections there may be, and how long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionLimits {
    pub(super) connections: usize,
    pub(super) timeout: Duration,
    pub(super) grace: Duration,
}

/// Serves until `shutdown` is cancelled, and then until the requests that run have ended or the grace is over.
pub(super) async fn serve(
    mut listener: impl Listen,
    router: Router,
    limits: ConnectionLimits,
    shutdown: Cancellation,
) {
    let connections = ConnectionPool::new(limits.connections);
    let (closing, over) = (CancellationToken::new(), CancellationToken::new());
    // However this ends, no connection stays.
    let _over = over.clone().drop_guard();
    loop {
        let stream = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            stream = next(&mut listener, &connections) => stream,
        };
        let connection =
            serve_one(stream, router.clone(), connections.open(), limits.timeout, closing.clone());
        let over = over.clone();
        tokio::spawn(async move { over.run_until_cancelled(connection).await });
    }
    drop(listener);
    closing.cancel();
    let _ = timeout(limits.grace, connections.none()).await;
}

/// The next connection, when there is room for it.
async fn next<L: Listen>(listener: &mut L, connections: &ConnectionPool) -> L::Stream {
    loop {
        match listener.accept().await {
            Ok(stream) => {
                // Only now: no connection has to go before another one is there.
                connections.room().await;
                return stream;
            }
            // The client went away before it was accepted.
            Err(error) if is_the_clients(&error) => {}
            // The system is out of descriptors, or of memory. An idle connection may have what a new one needs.
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted at the moment");
                connections.close_idle();
                tokio::select! {
                    () = connections.less() => {}
                    () = sleep(RETRY) => {}
                }
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn serve_one<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    router: Router,
    connection: Arc<OpenConnection>,
    timeout: Duration,
    closing: CancellationToken,
) {
    let service = TowerToHyperService::new(router);
    let answering = Arc::clone(&connection);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Arc::new(answering.begin_request()));
        service.call(request)
    });
    let stream = TokioIo::new(WriteTimeout::new(stream, timeout));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        // It covers the first byte of a head, too: a connection without a request does not stay either.
        .header_read_timeout(timeout)
        .max_buf_size(BUFFER)
        .serve_connection(stream, service);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = connection.closed() => return,
        () = closing.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]
mod tests {
    use std::io;
    use std::sync::Weak;
    use std::time::Duration;

    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::from_fn;
    use axum::routing::{get, post};
    use keystroke_core::Cancellation;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::sync::mpsc;
    use tokio::task::JoinHandle;
    use tokio::time::{Instant, sleep};

    use super::{ConnectionLimits, Listen, serve};
    use crate::http::exchange::{self, Exchange};
    use crate::limits::fair::FairSemaphore;

    const TIMEOUT: Duration = Duration::from_secs(30);
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const LARGE: usize = 1 << 20;

    /// What the layers do for a request with a valid token.
    async fn with_token(request: Request) -> &'static str {
        let exchange: &Weak<Exchange> = request.extensions().get().unwrap();
        exchange.upgrade().unwrap().hold_request(FairSemaphore::new(1).try_acquire(&None).unwrap());
        "fine"
    }

    struct Clients(mpsc::UnboundedReceiver<io::Result<DuplexStream>>);

    impl Listen for Clients {
        type Stream = DuplexStream;

        async fn accept(&mut self) -> io::Result<DuplexStream> {
            self.0.recv().await.unwrap()
        }
    }

    /// A server in memory, with the test's clock.
    struct Served {
        clients: mpsc::UnboundedSender<io::Result<DuplexStream>>,
        shutdown: Cancellation,
        serving: JoinHandle<()>,
    }

    impl Served {
        fn new(connections: usize) -> Self {
            let (clients, listener) = mpsc::unbounded_channel();
            let router = Router::new()
                .route("/", get(async || "fine"))
                .route("/large", get(async || Body::from(vec![b'x'; LARGE])))
                .route("/known", get(with_token))
                .route("/never", post(async || std::future::pending::<()>().await))
                .layer(from_fn(exchange::begin));
            let limits = ConnectionLimits { connections, timeout: TIMEOUT, grace: Duration::from_secs(10) };
            let shutdown = Cancellation::new();
            let serving = tokio::spawn(serve(Clients(listener), router, limits, shutdown.clone()));
            Self { clients, shutdown, serving }
        }

        fn connect(&self) -> DuplexStream {
            let (ours, theirs) = duplex(1024);
            self.clients.send(Ok(theirs)).unwrap();
            ours
        }

        async fn ask(&self, request: &[u8]) -> DuplexStream {
            let mut client = self.connect();
            client.write_all(request).await.unwrap();
            client
        }
    }

    /// Reads until `fine`, the answer to [`GET`].
    async fn is_fine(client: &mut DuplexStream) -> bool {
        let mut read = Vec::new();
        while !read.ends_with(b"fine") {
            match client.read_u8().await {
                Ok(byte) => read.push(byte),
                Err(_) => return false,
            }
        }
        true
    }

    /// How many bytes come until the server hangs up, and after how many seconds that is.
    async fn until_closed(client: &mut DuplexStream) -> (usize, u64) {
        let (before, mut read) = (Instant::now(), Vec::new());
        let _ = client.read_to_end(&mut read).await;
        (read.len(), before.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_whole_head_is_closed_in_time() {
        let served = Served::new(8);
        for said in [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\n"] {
            let mut client = served.ask(said).await;
            assert_eq!(until_closed(&mut client).await, (0, 30), "{said:?}");
        }
        // A byte now and then is no head either.
        let mut client = served.connect();
        let before = Instant::now();
        while client.write_all(b"G").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
        assert!(before.elapsed() <= Duration::from_secs(32), "{:?}", before.elapsed());
        // Nor is one that was served once let stay.
        let mut client = served.ask(GET).await;
        assert!(is_fine(&mut client).await);
        sleep(Duration::from_secs(29)).await;
        client.write_all(GET).await.unwrap();
        assert!(is_fine(&mut client).await, "each head has its own time");
        assert_eq!(until_closed(&mut client).await, (0, 30));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_is_dropped_in_time() {
        let served = Served::new(8);
        let mut client = served.ask(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        sleep(TIMEOUT + Duration::from_secs(1)).await;
        let (read, _) = until_closed(&mut client).await;
        assert!(read <= 1024, "{read}: what was on its way");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_not_read_a_byte_at_a_time_and_may_be_read_slowly() {
        for (bytes, is_whole) in [(1, false), (1024, false), (8 * 1024, true)] {
            let served = Served::new(8);
            let mut client = served.ask(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            let mut read = 0;
            let mut buffer = vec![0; 1024];
            'reading: while read < LARGE {
                // So many in a second.
                let end = read + bytes;
                while read < end {
                    let most = buffer.len().min(end - read);
                    match client.read(&mut buffer[..most]).await {
                        Ok(count @ 1..) => read += count,
                        _ => break 'reading,
                    }
                }
                sleep(Duration::from_secs(1)).await;
            }
            assert_eq!(read >= LARGE, is_whole, "{bytes} a second: {read}");
            // The second one earns a quarter of its time. What was on its way may be read after the end.
            let most = if bytes == 1 { 32 } else { 45 } * bytes + 1024;
            assert!(is_whole || read <= most, "{bytes} a second: {read}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_is_idle_longest_makes_room() {
        let served = Served::new(3);
        let never = b"POST /never HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut busy = served.ask(never).await;
        let mut first = served.ask(b"GET").await;
        let mut second = served.ask(GET).await;
        assert!(is_fine(&mut second).await);
        // One after the other finds room, and the one that is busy stays.
        let mut third = served.ask(GET).await;
        assert!(is_fine(&mut third).await);
        assert_eq!(until_closed(&mut first).await, (0, 0));
        let mut fourth = served.ask(GET).await;
        assert!(is_fine(&mut fourth).await);
        assert_eq!(until_closed(&mut second).await, (0, 0));
        third.write_all(GET).await.unwrap();
        assert!(is_fine(&mut third).await);
        let mut fifth = served.ask(never).await;
        assert_eq!(until_closed(&mut fourth).await, (0, 0), "the third has been idle for less time");
        sleep(Duration::from_secs(20)).await;
        for client in [&mut busy, &mut fifth] {
            let waits = tokio::time::timeout(Duration::ZERO, client.read_u8()).await;
            assert!(waits.is_err(), "it is answered still");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_has_shown_a_token_makes_no_room_for_those_that_have_not() {
        let served = Served::new(3);
        let known = b"GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut client = served.ask(known).await;
        assert!(is_fine(&mut client).await);
        for _ in 0..20 {
            let mut other = served.ask(GET).await;
            assert!(is_fine(&mut other).await);
            drop(served.ask(b"GET / HT").await);
        }
        client.write_all(known).await.unwrap();
        assert!(is_fine(&mut client).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_all_connections_busy_waits_for_one_to_end() {
        let served = Served::new(1);
        let busy = served.ask(b"POST /never HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        sleep(Duration::from_secs(1)).await;
        let mut waits = served.ask(GET).await;
        let early = tokio::time::timeout(Duration::from_secs(100), is_fine(&mut waits)).await;
        assert!(early.is_err(), "there is no room");
        drop(busy);
        assert!(is_fine(&mut waits).await);
    }

    #[tokio::test(start_paused = true)]
    async fn when_no_connection_can_be_accepted_it_is_tried_again_without_a_rush() {
        let served = Served::new(8);
        let before = Instant::now();
        for _ in 0..5 {
            served.clients.send(Err(io::Error::other("too many open files"))).unwrap();
        }
        let mut client = served.ask(GET).await;
        assert!(is_fine(&mut client).await);
        assert_eq!(before.elapsed().as_secs(), 5);
        // What was idle gives its descriptor.
        served.clients.send(Err(io::Error::other("too many open files"))).unwrap();
        let mut other = served.ask(GET).await;
        assert!(is_fine(&mut other).await);
        assert_eq!((until_closed(&mut client).await, before.elapsed().as_secs()), ((0, 0), 5));
        // A client that went away is nobody's fault.
        served.clients.send(Err(io::ErrorKind::ConnectionAborted.into())).unwrap();
        assert!(is_fine(&mut served.ask(GET).await).await);
        assert_eq!(before.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_closes_what_is_idle_and_waits_for_the_rest_as_long_as_the_grace() {
        let served = Served::new(8);
        let mut idle = served.ask(GET).await;
        assert!(is_fine(&mut idle).await);
        let mut busy = served.ask(b"POST /never HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        sleep(Duration::from_secs(1)).await;
        let before = Instant::now();
        served.shutdown.cancel();
        assert_eq!(until_closed(&mut idle).await, (0, 0));
        served.serving.await.unwrap();
        assert_eq!(before.elapsed().as_secs(), 10);
        assert_eq!(until_closed(&mut busy).await, (0, 0));
    }
}
