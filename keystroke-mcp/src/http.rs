//! Over streamable HTTP: any number of clients, each of which shows a token with each request.
//!
//! Nothing is kept between requests: no session that could be taken over or fill the memory, and a token that is
//! revoked is refused from the next request on.

mod auth;
mod body;
mod withdraw;

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::serve::ListenerExt as _;
use keystroke_core::Cancellation;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use auth::Caller;
pub(crate) use withdraw::{Entry, Running};

use crate::error::ServeError;
use crate::handler::Handler;
use crate::server::{Ready, Server, Shared};
use crate::tokens::Tokens;

const PATH: &str = "/mcp";
const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const LOOPBACK_ORIGINS: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// A server that is to listen; made by [`Server::http`].
#[derive(Debug)]
#[must_use = "nothing listens until it is bound"]
pub struct Http {
    server: Server<Ready>,
    address: SocketAddr,
    tokens: Tokens,
    hosts: Vec<String>,
    origins: Vec<String>,
    grace: Duration,
}

impl Server<Ready> {
    /// Serves over HTTP at this address (port 0 takes any that is free), for clients that show one of these tokens as
    /// `Authorization: Bearer …`. Each call acts for what the token is bound to.
    ///
    /// Only this machine may be listened on, unless [`Http::hosts`] says otherwise.
    pub fn http(self, address: SocketAddr, tokens: Tokens) -> Http {
        let grace = Duration::from_secs(10);
        Http { server: self, address, tokens, hosts: Vec::new(), origins: Vec::new(), grace }
    }
}

impl Http {
    /// Takes requests for these hosts too, such as `mcp.example.com`, and allows addresses that other machines reach. TLS
    /// is then a proxy's: tokens and results must not cross a network in the clear. Requests for any other host are
    /// refused, which is what stops a web page that gave its own name this machine's address (DNS rebinding).
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Takes requests of web pages of these origins too, such as `https://app.example.com`. Without this: only of pages
    /// that this machine serves. Clients that are no browsers name no origin.
    pub fn origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// How long calls that run may take to end when the server is shut down; 10 seconds without this. Then they are
    /// cancelled.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// There is no valid token; the address is of no use, or reachable from elsewhere without [`hosts`](Self::hosts).
    pub async fn bind(self) -> Result<Listening, ServeError> {
        let Self { server, address, tokens, hosts, origins, grace } = self;
        if !address.ip().is_loopback() && hosts.is_empty() {
            return Err(ServeError::NotLoopback { address });
        }
        check("host", &hosts, |host| {
            format!("http://{host}/").parse::<Uri>().is_ok_and(|uri| uri.path() == "/")
        })?;
        check("origin", &origins, |origin| {
            origin
                .parse::<Uri>()
                .is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some() && uri.path() == "/")
        })?;
        if tokens.usable()? == 0 {
            return Err(ServeError::NoTokens { file: tokens.file().to_owned() });
        }
        let bound = |error| ServeError::Bind { address, error };
        let listener = TcpListener::bind(address).await.map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let stop = CancellationToken::new();
        let shared = server.share();
        shared.look_at(&tokens)?;
        let router = router(shared, tokens, hosts, origins, stop.clone());
        Ok(Listening { listener, address, router, stop, grace })
    }
}

fn check(what: &'static str, names: &[String], is_one: impl Fn(&str) -> bool) -> Result<(), ServeError> {
    match names.iter().find(|name| !is_one(name)) {
        Some(name) => Err(ServeError::Malformed { what, name: name.clone() }),
        None => Ok(()),
    }
}

fn router(
    shared: Arc<Shared>,
    tokens: Tokens,
    hosts: Vec<String>,
    origins: Vec<String>,
    stop: CancellationToken,
) -> Router {
    let config = StreamableHttpServerConfig::default()
        // No state of sessions for any version: the newest has none, and the older ones may do without.
        .with_legacy_session_mode(false)
        // One JSON answer where nothing is told before the result, and a stream of events where there is progress.
        .with_json_response(true)
        .with_max_request_body_bytes(shared.limits.message_bytes)
        .with_allowed_hosts(LOOPBACK_HOSTS.map(str::to_owned).into_iter().chain(hosts))
        .with_allowed_origins(LOOPBACK_ORIGINS.map(str::to_owned).into_iter().chain(origins))
        .enforce_origin_validation()
        .with_cancellation_token(stop);
    let places = Arc::new(Semaphore::new(shared.limits.messages().min(Semaphore::MAX_PERMITS)));
    let bodies =
        body::Bodies { places, longest: shared.limits.message_bytes, running: shared.running.clone() };
    let handler = Handler::over_http(shared);
    let service = StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    // The layer that is added last is the first that sees a request: nothing of a body is read without a token.
    Router::new()
        .route_service(PATH, service)
        .layer(from_fn_with_state(bodies, body::check))
        .layer(from_fn_with_state(tokens, auth::check))
}

/// An answer in a few words of ours.
fn answer(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A server that listens; clients wait until it [serves](Self::serve).
#[derive(Debug)]
#[must_use = "clients wait until it serves"]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    stop: CancellationToken,
    grace: Duration,
}

impl Listening {
    /// Where it listens; with the port that it got.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients are configured with.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Serves until the program ends.
    ///
    /// # Errors
    /// The listening socket broke.
    pub async fn serve(self) -> Result<(), ServeError> {
        self.serve_until(Cancellation::new()).await
    }

    /// Serves until `shutdown` is cancelled. Then no new request is taken, and calls that run may end within the
    /// [grace](Http::grace).
    ///
    /// # Errors
    /// The listening socket broke.
    pub async fn serve_until(self, shutdown: Cancellation) -> Result<(), ServeError> {
        let Self { listener, router, stop, grace, .. } = self;
        let asked = shutdown.clone();
        // An answer is small and somebody waits for it.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = axum::serve(listener, router)
            .with_graceful_shutdown(async move { asked.cancelled().await })
            .into_future();
        let over = async {
            shutdown.cancelled().await;
            tokio::time::sleep(grace).await;
            stop.cancel();
        };
        tokio::select! {
            ended = serving => ended.map_err(ServeError::Io),
            () = over => Ok(()),
        }
    }
}
