//! [`Http`]: how a program sets up a server over HTTP, and how the layers of one are put together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use keystroke_tokens::Tokens;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use crate::error::ServeError;
use crate::handler::Handler;
use crate::http::cancel::RunningCalls;
use crate::http::connection::ConnectionLimits;
use crate::http::exchange;
use crate::http::layers::auth;
use crate::http::layers::body::{self, BodyLimits};
use crate::http::layers::hosts::{self, AllowedHosts};
use crate::http::layers::origins::{self, AllowedOrigins};
use crate::http::listening::{Listening, PATH};
use crate::http::shutdown::ShutdownHandle;
use crate::http::transport::HttpTransport;
use crate::limits::fair::FairSemaphore;
use crate::server::{ReadyToServe, Server};

/// Connections at a time beyond those whose requests are taken.
const OTHERS: usize = 128;

/// A server over HTTP that will listen at an address, made by [`Server::http`]; or, as `Http<Mounted>`, one that will be part of
/// a program's own server, made by [`Server::mount`].
#[derive(Debug)]
#[must_use = "nothing is served until it is bound or mounted"]
pub struct Http<A = SocketAddr> {
    server: Server<ReadyToServe>,
    at: A,
    tokens: Tokens,
    hosts: Vec<String>,
    origins: Vec<String>,
    timeout: Duration,
    connections: Option<usize>,
    grace: Duration,
}

/// In place of the address of an [`Http`] that has none of its own.
#[derive(Debug)]
pub struct Mounted(());

impl Server<ReadyToServe> {
    /// Serves over HTTP at this address (port 0 takes any that is free), for clients that show one of these tokens as
    /// `Authorization: Bearer …`. Each call acts for what the token is bound to.
    ///
    /// It may listen on this machine only, unless [`Http::hosts`] says otherwise.
    pub fn http(self, address: SocketAddr, tokens: Tokens) -> Http {
        Http::new(self, address, tokens)
    }

    /// The same as part of your own `axum` 0.8 program, which listens itself, and does TLS if it wants to:
    ///
    /// ```no_run
    /// # use keystroke_core::Cancellation;
    /// # use keystroke_mcp::{ReadyToServe, Server, Tokens};
    /// # async fn health() -> &'static str { "fine" }
    /// # async fn run(server: Server<ReadyToServe>, tokens: Tokens, shutdown: Cancellation) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use axum::{Router, routing::get};
    ///
    /// let (tools, mcp) = server.mount(tokens).hosts(["tools.example.com"]).into_router()?;
    /// let app = Router::new().route("/health", get(health)).nest("/mcp", tools);
    ///
    /// let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async move {
    ///         shutdown.cancelled().await;
    ///         mcp.within(Duration::from_secs(10)).await;
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
    const fn new(server: Server<ReadyToServe>, at: A, tokens: Tokens) -> Self {
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

    /// Takes requests for these hosts too, such as `mcp.example.com`, and allows addresses that other machines can reach. A
    /// proxy must then do TLS: tokens and results must not cross a network in the clear. Requests for any other host are
    /// refused, which stops a web page that gave its own name this machine's address (DNS rebinding).
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Takes requests of web pages of these origins too, such as `https://app.example.com` (with the port if it is not the
    /// usual one; `:*` for any), and answers what their browsers ask first (CORS). By default only pages that this machine
    /// serves may use the server. Clients that are not browsers send no origin.
    pub fn origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// How long a client is waited for; 30 seconds by default. It has so long to send the body of its request, and where
    /// [`bind`](Http::bind) listens also to send a head, the first one and each after an answer, and to read an answer. A
    /// client that reads gets more time, at 4 KiB a second.
    pub const fn client_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The server at a path, and the handle that shuts it down.
    fn build(self, path: &str) -> Result<(Router, ShutdownHandle), ServeError> {
        let Self { server, tokens, hosts, origins, timeout, .. } = self;
        let malformed = |what| move |name| ServeError::Malformed { what, name };
        let hosts = AllowedHosts::new(hosts).map_err(malformed("host"))?;
        let origins = AllowedOrigins::new(origins).map_err(malformed("origin"))?;
        if tokens.usable()? == 0 {
            return Err(ServeError::NoTokens { file: tokens.file().to_owned() });
        }
        let shared = server.share()?;
        shared.warn_of_useless(&tokens)?;
        let requests = FairSemaphore::new(shared.limits.requests());
        let shutdown = ShutdownHandle::new(requests.clone());
        let running = RunningCalls::default();
        let config = StreamableHttpServerConfig::default()
            // No session state in any version: the newest has none, and the older ones can do without.
            .with_legacy_session_mode(false)
            // One JSON answer if nothing comes before the result, and a stream of events if there is progress.
            .with_json_response(true)
            .with_max_request_body_bytes(shared.limits.message_bytes)
            // Our own layers check both.
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_cancellation_token(shutdown.token());
        let body_limits = BodyLimits {
            longest: shared.limits.message_bytes,
            timeout,
            requests,
            running: running.clone(),
            shutdown: shutdown.clone(),
        };
        let handler = Handler::new(shared, HttpTransport::new(running));
        let service = StreamableHttpService::new(
            move || Ok(handler.clone()),
            Arc::new(NeverSessionManager::default()),
            config,
        );
        // The layer that is added last sees a request first, so nothing of a body is read without a token.
        let router = Router::new()
            .route_service(path, service)
            .route_layer(from_fn_with_state(body_limits, body::check))
            .route_layer(from_fn_with_state(hosts.clone(), hosts::check))
            .route_layer(from_fn_with_state(tokens, auth::check))
            .layer(from_fn_with_state((origins, hosts), origins::check))
            .layer(from_fn(exchange::begin));
        Ok((router, shutdown))
    }
}

impl Http {
    /// How many connections may be open; by default, 128 more than requests are taken at a time. If a new one finds no room,
    /// the one that has been idle longest is closed.
    pub const fn connections(mut self, most: usize) -> Self {
        self.connections = Some(most);
        self
    }

    /// How long running calls may take to end when the server is shut down; 10 seconds by default. Then they are cancelled.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// The runtime lacks state that a tool takes, there is no valid token, the address can't be listened on, or other
    /// machines can reach it and there are no [`hosts`](Self::hosts).
    pub async fn bind(self) -> Result<Listening, ServeError> {
        let address = self.at;
        if !address.ip().is_loopback() && self.hosts.is_empty() {
            return Err(ServeError::NotLoopback { address });
        }
        let most = self.server.limits().requests().saturating_add(OTHERS);
        let limits = ConnectionLimits {
            connections: self.connections.unwrap_or(most),
            timeout: self.timeout,
            grace: self.grace,
        };
        let (router, _shutdown) = self.build(PATH)?;
        let bound = |error| ServeError::Bind { address, error };
        let listener = TcpListener::bind(address).await.map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        Ok(Listening { listener, address, router, limits })
    }
}

impl Http<Mounted> {
    /// The server as a router, for the path that it is [nested](Router::nest) at or, if [merged](Router::merge), for `/`; and
    /// the handle that shuts it down. A [`Router`] is a `tower` service too.
    ///
    /// Hosts, origins, tokens, and all limits on messages, calls and requests apply as with [`bind`](Http::bind). Limits on
    /// connections are up to your program: how many there may be, how long one may take to send a request's head, and how long
    /// an answer may wait to be read. An answer that nobody reads counts as a running call until your program hangs up.
    ///
    /// # Errors
    /// The runtime lacks state that a tool takes, there is no valid token, or a host or origin is malformed.
    pub fn into_router(self) -> Result<(Router, ShutdownHandle), ServeError> {
        self.build("/")
    }
}
