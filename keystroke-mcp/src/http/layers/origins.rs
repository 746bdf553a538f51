//! Web pages: which may use the server, and what their browsers ask first and have to be told (CORS).
//!
//! A browser asks without the page's token (a preflight), and shows a page only answers that say that the page may see
//! them. So both come before the check of tokens, and refusals say it too.

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

use super::answer;
use super::hosts::{self, Hosts, Refused};
use crate::shown::shown;

/// What is POSTed, and what clients try and are told 405 of. With a method that is not here a page would see no answer.
const METHODS: HeaderValue = HeaderValue::from_static("POST, GET, DELETE");
/// What clients of all versions send.
const HEADERS: &str = "authorization, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name";
/// A tool's parameter may be in a header of its own, and its name is in none of the lists.
const PARAMETER: &str = "mcp-param-";
/// What a page may read of an answer, beside what every page may.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("mcp-session-id, mcp-protocol-version, www-authenticate, retry-after");
/// For so many seconds a browser need not ask again; none of them believes more than two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
/// Headers that answers are chosen by.
const VARIES: HeaderValue =
    HeaderValue::from_static("origin, access-control-request-method, access-control-request-headers");

const LOOPBACK: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// Where a web page comes from, as its browser says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    /// `None` stands for a scheme that has no usual port.
    port: Option<u16>,
}

/// The origins whose pages may use the server.
#[derive(Clone, Debug)]
pub(super) struct Origins(Arc<[Allowed]>);

#[derive(Clone, Debug)]
struct Allowed {
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

impl Allowed {
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

impl Origins {
    /// Those of this machine and these; or the first that is none.
    pub(super) fn new(origins: Vec<String>) -> Result<Self, String> {
        let loopback = LOOPBACK.into_iter().filter_map(Allowed::parse).map(Ok);
        let named = origins.into_iter().map(|origin| Allowed::parse(&origin).ok_or(origin));
        Ok(Self(loopback.chain(named).collect::<Result<_, _>>()?))
    }

    /// Whether the request comes from no page, or from one that may.
    fn of(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Forbidden> {
        let Some(said) = headers.get(ORIGIN) else { return Ok(None) };
        let origin = said.to_str().ok().and_then(Origin::parse).ok_or(Forbidden)?;
        let is_allowed = self.0.iter().any(|allowed| allowed.allows(&origin));
        if is_allowed { Ok(Some(said.clone())) } else { Err(Forbidden) }
    }
}

/// A page that may not use the server.
struct Forbidden;

/// Answers what browsers ask, refuses pages that may not use the server, and lets the others see their answers.
pub(super) async fn check(
    State((origins, hosts)): State<(Origins, Hosts)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if let Err(refused) = hosts::are_single(request.headers()) {
        return refused.answer();
    }
    let mut response = match origins.of(request.headers()) {
        Err(Forbidden) => {
            let said = request.headers().get(ORIGIN).map(HeaderValue::as_bytes).unwrap_or_default();
            let origin = shown(&String::from_utf8_lossy(said));
            tracing::warn!(origin, "a web page was refused: its origin is not allowed");
            answer(StatusCode::FORBIDDEN, "this server is not for web pages of this origin")
        }
        Ok(None) => next.run(request).await,
        Ok(Some(origin)) => {
            let mut response = if is_preflight(&request) {
                hosts.check(&request).map_or_else(Refused::answer, |()| preflight(request.headers()))
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

/// What clients send, and what this one asks for that may be a tool's parameter.
fn allowed_headers(asked: &HeaderMap) -> HeaderValue {
    let names = asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|names| names.to_str().ok());
    let parameters = names
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .filter(|name| name.as_str().starts_with(PARAMETER));
    let all = parameters.fold(HEADERS.to_owned(), |all, name| format!("{all}, {name}"));
    HeaderValue::from_str(&all).unwrap_or(HeaderValue::from_static(HEADERS))
}
