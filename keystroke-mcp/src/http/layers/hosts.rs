//! The host that a request is for: one of those that the server has, which stops a web page that gave its own name this
//! machine's address (DNS rebinding). And headers of which there may be one only.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Response, StatusCode};
use axum::middleware::Next;

use super::answer;
use crate::shown::shown;

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Headers that two readers of one request must not read differently: a proxy may look at the first and a server at the
/// last. (Two tokens are none, and lengths are hyper's.)
const SINGLE: [HeaderName; 8] = [
    HOST,
    ORIGIN,
    CONTENT_TYPE,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-session-id"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
];

/// Why a request is refused.
pub(super) struct Refused(StatusCode, Cow<'static, str>);

impl Refused {
    pub(super) fn answer(self) -> Response<Body> {
        answer(self.0, self.1)
    }
}

/// Refuses a request with two of what there may be one of.
pub(super) fn are_single(headers: &HeaderMap) -> Result<(), Refused> {
    match SINGLE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
        Some(name) => Err(Refused(
            StatusCode::BAD_REQUEST,
            format!("the header `{name}` is there more than once, and it is not clear which one counts")
                .into(),
        )),
        None => Ok(()),
    }
}

/// The hosts that requests may be for.
#[derive(Clone, Debug)]
pub(super) struct Hosts(Arc<[Host]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        // An IPv6 address is in brackets where a port may follow, and people write it without.
        let bracketed = text.parse::<std::net::Ipv6Addr>().ok().map(|address| format!("[{address}]"));
        let authority = bracketed.as_deref().unwrap_or(text).parse::<Authority>().ok()?;
        let is_one = !authority.host().is_empty() && !authority.as_str().contains('@');
        is_one.then(|| Self { name: authority.host().to_ascii_lowercase(), port: authority.port_u16() })
    }
}

impl Hosts {
    /// Those of this machine and these; or the first that is none.
    pub(super) fn new(hosts: Vec<String>) -> Result<Self, String> {
        let loopback = LOOPBACK.into_iter().filter_map(Host::parse).map(Ok);
        let named = hosts.into_iter().map(|host| Host::parse(&host).ok_or(host));
        Ok(Self(loopback.chain(named).collect::<Result<_, _>>()?))
    }

    /// With a port only that port; without, any.
    fn has(&self, host: &Host) -> bool {
        self.0.iter().any(|one| one.name == host.name && (one.port.is_none() || one.port == host.port))
    }

    /// Refuses a request that is for another host. It may say it twice, in a whole URL and in the header `Host`.
    pub(super) fn check(&self, request: &Request) -> Result<(), Refused> {
        let refused = |status, text: &'static str| Err(Refused(status, text.into()));
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
        if let Some(other) = named.find(|host| !self.has(host)) {
            tracing::warn!(host = shown(&other.name), "a request was refused: it is for another host");
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

/// Lets a request on that is for this server.
pub(super) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response<Body> {
    match hosts.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.answer(),
    }
}
