//! What a request says: read whole, within a size and a time, and answered as JSON-RPC says where it is no message.

use std::pin::Pin;
use std::sync::Weak;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::Next;
use hyper::body::Frame;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::accept;
use super::answer;
use super::auth::Caller;
use super::exchange::Exchange;
use super::stop::Stop;
use super::withdraw::{Message, Running, name_session};
use crate::share::Shares;

/// What there is to know of a request's body.
#[derive(Clone)]
pub(super) struct Bodies {
    pub(super) longest: usize,
    /// A client that sends slower than this is not waited for.
    pub(super) timeout: Duration,
    /// One for each request, from here until its answer is written.
    pub(super) places: Shares,
    pub(super) running: Running,
    pub(super) stop: Stop,
}

pub(super) async fn check(State(bodies): State<Bodies>, mut request: Request, next: Next) -> Response<Body> {
    if bodies.stop.is_closing() {
        return later("5", "this server is about to stop");
    }
    if !accept::negotiate(&mut request) {
        return answer(
            StatusCode::NOT_ACCEPTABLE,
            "the answer is `application/json`, and `Accept` does not allow that",
        );
    }
    let holder = request.extensions().get().map(|caller: &Caller| caller.token.clone());
    let Some(place) = bodies.places.try_take(&holder) else {
        return later("1", "too many requests at a time");
    };
    if let Some(exchange) =
        request.extensions().get().and_then(|exchange: &Weak<Exchange>| exchange.upgrade())
    {
        exchange.keep_place(place);
    }
    let is_json = is_json(request.headers());
    let (head, body) = request.into_parts();
    let body = match timeout(bodies.timeout, whole(body, bodies.longest)).await {
        Ok(Ok(body)) => Bytes::from(body),
        Ok(Err(Unread::TooLong)) => return answer(StatusCode::PAYLOAD_TOO_LARGE, "the message is too long"),
        Ok(Err(Unread::Broken)) => {
            return answer(StatusCode::BAD_REQUEST, "the message did not arrive whole");
        }
        Err(_) => return answer(StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time"),
    };
    let message = Message::of(&body);
    if let Some(caller) = head.extensions.get() {
        bodies.running.withdraw(caller, &head.headers, &message);
    }
    let answering = next.run(Request::from_parts(head, Body::from(body.clone())));
    let mut response = tokio::select! {
        biased;
        // First, as `rmcp` hears of it too, and knows nothing better to answer than 500.
        () = bodies.stop.over() => return later("5", "this server stops, and the call was cancelled"),
        response = answering => response,
    };
    if is_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // `rmcp` says so of JSON too that is no message.
        return no_message(&body);
    }
    if message == Message::Initialize {
        name_session(&mut response);
    }
    response
}

/// Not now, but in so many seconds.
fn later(seconds: &'static str, text: &'static str) -> Response<Body> {
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    response
}

/// Why a body was not read.
enum Unread {
    TooLong,
    Broken,
}

/// All of a body. Of one that says that it is too long nothing is read.
async fn whole(mut body: Body, longest: usize) -> Result<Vec<u8>, Unread> {
    if body.size_hint().lower() > longest as u64 {
        return Err(Unread::TooLong);
    }
    let mut all = Vec::new();
    while let Some(frame) = frame(&mut body).await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        if data.len() > longest.saturating_sub(all.len()) {
            return Err(Unread::TooLong);
        }
        all.extend_from_slice(&data);
    }
    Ok(all)
}

/// The next part of a body.
pub(super) async fn frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let name = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    name.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

/// The answers of JSON-RPC 2.0 to what is no JSON, and to JSON that is no request.
fn no_message(body: &[u8]) -> Response<Body> {
    // Its characters are checked first: what is skipped here would not be.
    let is_json =
        std::str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let (code, message) = if is_json { (-32600, "Invalid Request") } else { (-32700, "Parse error") };
    let error = json!({ "jsonrpc": "2.0", "id": id(body), "error": { "code": code, "message": message } });
    let mut response = Response::new(Body::from(error.to_string()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The request's id, where it has one that can be one.
fn id(body: &[u8]) -> Value {
    #[derive(serde::Deserialize)]
    struct Envelope {
        id: Value,
    }
    match serde_json::from_slice(body) {
        Ok(Envelope { id: id @ (Value::String(_) | Value::Number(_)) }) => id,
        _ => Value::Null,
    }
}
