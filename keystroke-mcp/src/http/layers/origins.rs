//! Web pages: which ones may use the server, and what their browsers ask first and must be told (CORS).
//!
//! A browser asks without the page's token (a preflight), and shows a page only those answers that allow it. So both come
//! before the check of tokens, and refusals carry the same headers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use axum::middleware::Next;

use super::hosts::AllowedHosts;
use super::response::{Rejection, plain};
use super::single;
use crate::safe_name::safe_name;

/// POST, and the methods that clients try and that are answered 405. A page would see no answer to any other.
const METHODS: HeaderValue = HeaderValue::from_static("POST, GET, DELETE");
/// The headers that clients of all versions send.
const HEADERS: &str = "authorization, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name";
/// A tool's parameter may have a header of its own, whose name no list can hold.
const PARAMETER: &str = "mcp-param-";
/// The headers of an answer that a page may read, beside those that every page may.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("mcp-session-id, mcp-protocol-version, www-authenticate, retry-after");
/// How many seconds a browser need not ask again. None of them accepts more than two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
/// The headers that an answer depends on.
const VARIES: HeaderValue =
    HeaderValue::from_static("origin, access-control-request-method, access-control-request-headers");

const LOOPBACK: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// Where a web page comes from, by its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    /// `None` for a scheme without a default port.
    port: Option<u16>,
}

/// The origins whose pages may use the server.
#[derive(Clone, Debug)]
pub(in crate::http) struct AllowedOrigins(Arc<[Pattern]>);

#[derive(Clone, Debug)]
struct Pattern {
    origin: Origin,
    any_port: bool,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri = text.parse::<Uri>().ok()?;
        let authority = uri.authority()?;
        let is_one = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = authority.port_u16().or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        is_one.then(|| Self { scheme, host: authority.host().to_ascii_lowercase(), port })
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (origin, any_port) = match text.strip_suffix(":*") {
            Some(origin) => (origin, true),
            None => (text, false),
        };
        Some(Self { origin: Origin::parse(origin)?, any_port })
    }

    fn allows(&self, origin: &Origin) -> bool {
        let Origin { scheme, host, port } = &self.origin;
        *scheme == origin.scheme && *host == origin.host && (self.any_port || *port == origin.port)
    }
}

impl AllowedOrigins {
    /// This machine's origins and these; or the first that is malformed.
    pub(in crate::http) fn new(origins: Vec<String>) -> Result<Self, String> {
        let loopback = LOOPBACK.into_iter().filter_map(Pattern::parse).map(Ok);
        let named = origins.into_iter().map(|origin| Pattern::parse(&origin).ok_or(origin));
        Ok(Self(loopback.chain(named).collect::<Result<_, _>>()?))
    }

    /// The page that the request comes from, if it comes from one and that one may use the server.
    fn check(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Forbidden> {
        let Some(said) = headers.get(ORIGIN) else { return Ok(None) };
        let origin = said.to_str().ok().and_then(Origin::parse).ok_or(Forbidden)?;
        let is_allowed = self.0.iter().any(|allowed| allowed.allows(&origin));
        if is_allowed { Ok(Some(said.clone())) } else { Err(Forbidden) }
    }
}

/// The page may not use the server.
struct Forbidden;

/// Answers preflights, refuses pages that may not use the server, and lets the others see their answers.
pub(in crate::http) async fn check(
    State((origins, hosts)): State<(AllowedOrigins, AllowedHosts)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if let Err(rejection) = single::check(request.headers()) {
        return rejection.into_response();
    }
    let mut response = match origins.check(request.headers()) {
        Err(Forbidden) => {
            let said = request.headers().get(ORIGIN).map(HeaderValue::as_bytes).unwrap_or_default();
            let origin = safe_name(&String::from_utf8_lossy(said));
            tracing::warn!(origin, "a web page was refused: its origin is not allowed");
            plain(StatusCode::FORBIDDEN, "this server is not for web pages of this origin")
        }
        Ok(None) => next.run(request).await,
        Ok(Some(origin)) => {
            let mut response = if is_preflight(&request) {
                hosts.check(&request).map_or_else(Rejection::into_response, |()| preflight(request.headers()))
            } else {
                next.run(request).await
            };
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            response
        }
    };
    response.headers_mut().append(VARY, VARIES);
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(asked));
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// The headers that clients send, and those that this one asks for if they may be a tool's parameters.
fn allowed_headers(asked: &HeaderMap) -> HeaderValue {
    let names = asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|names| names.to_str().ok());
    let parameters = names
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .filter(|name| name.as_str().starts_with(PARAMETER));
    let all = parameters.fold(HEADERS.to_owned(), |all, name| format!("{all}, {name}"));
    HeaderValue::from_str(&all).unwrap_or(HeaderValue::from_static(HEADERS))
}
