//! The host that a request is for. It must be one that the server has, which stops a web page that gave its own name this
//! machine's address (DNS rebinding).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{Response, StatusCode};
use axum::middleware::Next;

use super::response::Rejection;
use crate::safe_name::safe_name;

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The hosts that requests may be for.
#[derive(Clone, Debug)]
pub(in crate::http) struct AllowedHosts(Arc<[Host]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        // An IPv6 address is in brackets where a port may follow, but people write it without.
        let bracketed = text.parse::<std::net::Ipv6Addr>().ok().map(|address| format!("[{address}]"));
        let authority = bracketed.as_deref().unwrap_or(text).parse::<Authority>().ok()?;
        let is_one = !authority.host().is_empty() && !authority.as_str().contains('@');
        is_one.then(|| Self { name: authority.host().to_ascii_lowercase(), port: authority.port_u16() })
    }
}

impl AllowedHosts {
    /// This machine's hosts and these; or the first that is malformed.
    pub(in crate::http) fn new(hosts: Vec<String>) -> Result<Self, String> {
        let loopback = LOOPBACK.into_iter().filter_map(Host::parse).map(Ok);
        let named = hosts.into_iter().map(|host| Host::parse(&host).ok_or(host));
        Ok(Self(loopback.chain(named).collect::<Result<_, _>>()?))
    }

    /// With a port, only that port; without, any.
    fn contains(&self, host: &Host) -> bool {
        self.0.iter().any(|one| one.name == host.name && (one.port.is_none() || one.port == host.port))
    }

    /// Refuses a request for another host. A request may name it twice: in a whole URL, and in the header `Host`.
    pub(super) fn check(&self, request: &Request) -> Result<(), Rejection> {
        let refused = |status, text: &'static str| Err(Rejection { status, text: text.into() });
        let header = match request.headers().get(HOST) {
            None => None,
            Some(host) => match host.to_str().ok().and_then(Host::parse) {
                None => return refused(StatusCode::BAD_REQUEST, "the header `Host` names no host"),
                host => host,
            },
        };
        let url = match request.uri().authority() {
            None => None,
            Some(authority) => match Host::parse(authority.as_str()) {
                None => return refused(StatusCode::BAD_REQUEST, "the URL names no host"),
                host => host,
            },
        };
        let mut named = url.iter().chain(&header).peekable();
        if named.peek().is_none() {
            return refused(StatusCode::BAD_REQUEST, "the header `Host` is missing");
        }
        if let Some(other) = named.find(|host| !self.contains(host)) {
            tracing::warn!(host = safe_name(&other.name), "a request was refused: it is for another host");
            return refused(StatusCode::FORBIDDEN, "this server does not serve this host");
        }
        match (url, header) {
            (Some(url), Some(header)) if url != header => {
                refused(StatusCode::BAD_REQUEST, "the URL and the header `Host` name different hosts")
            }
            _ => Ok(()),
        }
    }
}

/// Lets requests for this server pass.
pub(in crate::http) async fn check(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response<Body> {
    match hosts.check(&request) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.into_response(),
    }
}
