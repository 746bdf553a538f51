//! Over streamable HTTP: any number of clients, each of which shows a token with each request.
//!
//! Nothing is kept between requests: no session that could be taken over or fill the memory, and a token that is
//! revoked is refused from the next request on.

mod accept;
mod auth;
mod body;
mod connections;
mod exchange;
mod hosts;
mod listen;
mod origins;
mod stall;
mod stop;
mod withdraw;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use keystroke_core::Cancellation;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

pub(crate) use accept::JsonOnly;
pub(crate) use auth::Caller;
pub(crate) use exchange::Exchange;
pub use stop::Stop;
pub(crate) use withdraw::{Entry, Running};

use crate::error::ServeError;
use crate::handler::Handler;
use crate::server::{Ready, Server};
use crate::share::Shares;
use hosts::Hosts;
use keystroke_tokens::Tokens;
use listen::Terms;
use origins::Origins;

const PATH: &str = "/mcp";
/// Connections at a time beyond those whose requests are taken.
const OTHERS: usize = 128;

/// A server over HTTP that is to listen at an address, made by [`Server::http`]; or, as `Http<Mounted>`, to be a part of
/// a program's own, made by [`Server::mount`].
#[derive(Debug)]
#[must_use = "nothing is served until it is bound or mounted"]
pub struct Http<A = SocketAddr> {
    server: Server<Ready>,
    at: A,
    tokens: Tokens,
    hosts: Vec<String>,
    origins: Vec<String>,
    timeout: Duration,
    connections: Option<usize>,
    grace: Duration,
}

/// Where an [`Http`] is served that has no address of its own.
#[derive(Debug)]
pub struct Mounted(());

impl Server<Ready> {
    /// Serves over HTTP at this address (port 0 takes any that is free), for clients that show one of these tokens as
    /// `Authorization: Bearer …`. Each call acts for what the token is bound to.
    ///
    /// Only this machine may be listened on, unless [`Http::hosts`] says otherwise.
    pub fn http(self, address: SocketAddr, tokens: Tokens) -> Http {
        Http::new(self, address, tokens)
    }

    /// The same as a part of your own `axum` 0.8 program, which listens itself, and does TLS if it wants to:
    ///
    /// ```no_run
    /// # use keystroke_core::Cancellation;
    /// # use keystroke_mcp::{Ready, Server, Tokens};
    /// # async fn health() -> &'static str { "fine" }
    /// # async fn run(server: Server<Ready>, tokens: Tokens, shutdown: Cancellation) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use axum::{Router, routing::get};
    ///
    /// let (tools, stop) = server.mount(tokens).hosts(["tools.example.com"]).into_router()?;
    /// let app = Router::new().route("/health", get(health)).nest("/mcp", tools);
    ///
    /// let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async move {
    ///         shutdown.cancelled().await;
    ///         stop.within(Duration::from_secs(10)).await;
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mount(self, tokens: Tokens) -> Http<Mounted> {
        Http::new(self, Mounted(()), tokens)
    }
}

impl<A> Http<A> {
    const fn new(server: Server<Ready>, at: A, tokens: Tokens) -> Self {
        Self {
            server,
            at,
            tokens,
            hosts: Vec::new(),
            origins: Vec::new(),
            timeout: Duration::from_secs(30),
            connections: None,
            grace: Duration::from_secs(10),
        }
    }

    /// Takes requests for these hosts too, such as `mcp.example.com`, and allows addresses that other machines reach. TLS
    /// is then a proxy's: tokens and results must not cross a network in the clear. Requests for any other host are
    /// refused, which is what stops a web page that gave its own name this machine's address (DNS rebinding).
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Takes requests of web pages of these origins too, such as `https://app.example.com` (with the port, if it is not the
    /// usual one; `:*` for any), and answers what their browsers ask first (CORS). Without this: only of pages that this
    /// machine serves. Clients that are no browsers name no origin.
    pub fn origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// How long a client is waited for, 30 seconds without this: until the body of its request is there; and where
    /// [`bind`](Http::bind) listens also until the head is there, the first one and the next, and while an answer
    /// waits for it to be read. A client that reads gets more time, at 4 KiB a second.
    pub const fn client_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The server at a path, with its end.
    fn build(self, path: &str) -> Result<(Router, Stop), ServeError> {
        let Self { server, tokens, hosts, origins, timeout, .. } = self;
        let malformed = |what| move |name| ServeError::Malformed { what, name };
        let hosts = Hosts::new(hosts).map_err(malformed("host"))?;
        let origins = Origins::new(origins).map_err(malformed("origin"))?;
        if tokens.usable()? == 0 {
            return Err(ServeError::NoTokens { file: tokens.file().to_owned() });
        }
        let shared = server.share();
        shared.look_at(&tokens)?;
        let places = Shares::new(shared.limits.messages());
        let stop = Stop::new(places.clone());
        let config = StreamableHttpServerConfig::default()
            // No state of sessions for any version: the newest has none, and the older ones may do without.
            .with_legacy_session_mode(false)
            // One JSON answer where nothing is told before the result, and a stream of events where there is progress.
            .with_json_response(true)
            .with_max_request_body_bytes(shared.limits.message_bytes)
            // Both are checked before: `hosts.rs`, `origins.rs`.
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_cancellation_token(stop.token());
        let bodies = body::Bodies {
            longest: shared.limits.message_bytes,
            timeout,
            places,
            running: shared.running.clone(),
            stop: stop.clone(),
        };
        let handler = Handler::over_http(shared);
        let service = StreamableHttpService::new(
            move || Ok(handler.clone()),
            Arc::new(NeverSessionManager::default()),
            config,
        );
        // The layer that is added last is the first that sees a request: nothing of a body is read without a token.
        let router = Router::new()
            .route_service(path, service)
            .route_layer(from_fn_with_state(bodies, body::check))
            .route_layer(from_fn_with_state(hosts.clone(), hosts::check))
            .route_layer(from_fn_with_state(tokens, auth::check))
            .layer(from_fn_with_state((origins, hosts), origins::check))
            .layer(from_fn(exchange::begin));
        Ok((router, stop))
    }
}

impl Http {
    /// How many connections may be open; as many as requests are taken at a time, and 128, without this. Where a new
    /// one finds no room, the one is closed that has been idle longest.
    pub const fn connections(mut self, most: usize) -> Self {
        self.connections = Some(most);
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
        let address = self.at;
        if !address.ip().is_loopback() && self.hosts.is_empty() {
            return Err(ServeError::NotLoopback { address });
        }
        let most = self.server.limits().messages().saturating_add(OTHERS);
        let terms =
            Terms { connections: self.connections.unwrap_or(most), timeout: self.timeout, grace: self.grace };
        let (router, _stop) = self.build(PATH)?;
        let bound = |error| ServeError::Bind { address, error };
        let listener = TcpListener::bind(address).await.map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        Ok(Listening { listener, address, router, terms })
    }
}

impl Http<Mounted> {
    /// The server as a router, for the path that it is [nested](Router::nest) at or, [merged](Router::merge), for `/`;
    /// and its end. A [`Router`] is a `tower` service too.
    ///
    /// Hosts, origins, tokens, and all limits on messages, calls and requests hold as with [`bind`](Http::bind). Those on
    /// connections are your program's: how many there may be, how long one may take to send a request's head, and how
    /// long an answer may wait to be read. An answer that nobody reads holds its place until your program hangs up.
    ///
    /// # Errors
    /// There is no valid token, or a host or origin is none.
    pub fn into_router(self) -> Result<(Router, Stop), ServeError> {
        self.build("/")
    }
}

/// An answer in a few words of ours.
fn answer(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
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
    terms: Terms,
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
    /// None yet: where no connection can be accepted, it is tried again.
    pub async fn serve(self) -> Result<(), ServeError> {
        self.serve_until(Cancellation::new()).await
    }

    /// Serves until `shutdown` is cancelled. Then no new request is taken, and calls that run may end within the
    /// [grace](Http::grace).
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_until(self, shutdown: Cancellation) -> Result<(), ServeError> {
        let Self { listener, router, terms, .. } = self;
        listen::serve(listener, router, terms, shutdown).await;
        Ok(())
    }
}
