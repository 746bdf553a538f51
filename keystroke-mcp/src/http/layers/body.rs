//! The message of a request: read whole, within a size and a time, and answered as JSON-RPC demands if it is not a message.

use std::sync::Weak;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::Next;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::accept;
use super::response::{plain, unavailable};
use crate::client::Client;
use crate::http::cancel::{MessageKind, RunningCalls, name_session};
use crate::http::exchange::{Exchange, next_frame};
use crate::http::shutdown::ShutdownHandle;
use crate::limits::fair::FairSemaphore;

/// What a request and its body are checked against.
#[derive(Clone)]
pub(in crate::http) struct BodyLimits {
    pub(in crate::http) longest: usize,
    /// How long a client may take to send a body.
    pub(in crate::http) timeout: Duration,
    /// A permit for each request, from here until its answer is written.
    pub(in crate::http) requests: FairSemaphore,
    pub(in crate::http) running: RunningCalls,
    pub(in crate::http) shutdown: ShutdownHandle,
}

pub(in crate::http) async fn check(
    State(limits): State<BodyLimits>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    if limits.shutdown.is_closing() {
        return unavailable("5", "this server is about to stop");
    }
    if !accept::negotiate(&mut request) {
        return plain(
            StatusCode::NOT_ACCEPTABLE,
            "the answer is `application/json`, and `Accept` does not allow that",
        );
    }
    let holder = request.extensions().get().and_then(Client::holder);
    let Some(permit) = limits.requests.try_acquire(&holder) else {
        return unavailable("1", "too many requests at a time");
    };
    if let Some(exchange) =
        request.extensions().get().and_then(|exchange: &Weak<Exchange>| exchange.upgrade())
    {
        exchange.hold_request(permit);
    }
    let is_json = is_json(request.headers());
    let (head, body) = request.into_parts();
    let body = match timeout(limits.timeout, whole(body, limits.longest)).await {
        Ok(Ok(body)) => Bytes::from(body),
        Ok(Err(BodyError::TooLong)) => {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "the message is too long");
        }
        Ok(Err(BodyError::Broken)) => {
            return plain(StatusCode::BAD_REQUEST, "the message did not arrive whole");
        }
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time"),
    };
    let message = MessageKind::of(&body);
    if let Some(client) = head.extensions.get() {
        limits.running.cancel(client, &head.headers, &message);
    }
    let answering = next.run(Request::from_parts(head, Body::from(body.clone())));
    let mut response = tokio::select! {
        biased;
        // First, because `rmcp` hears of it too and would answer 500.
        () = limits.shutdown.over() => return unavailable("5", "this server stops, and the call was cancelled"),
        response = answering => response,
    };
    if is_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // `rmcp` answers that to JSON, too, if it is not a message.
        return not_a_message(&body);
    }
    if message == MessageKind::Initialize {
        name_session(&mut response);
    }
    response
}

/// Why a body was not read.
enum BodyError {
    TooLong,
    Broken,
}

/// All of a body. One that announces itself as too long is not read at all.
async fn whole(mut body: Body, longest: usize) -> Result<Vec<u8>, BodyError> {
    if body.size_hint().lower() > longest as u64 {
        return Err(BodyError::TooLong);
    }
    let mut all = Vec::new();
    while let Some(frame) = next_frame(&mut body).await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if data.len() > longest.saturating_sub(all.len()) {
            return Err(BodyError::TooLong);
        }
        all.extend_from_slice(&data);
    }
    Ok(all)
}

fn is_json(headers: &HeaderMap) -> bool {
    let name = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    name.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

/// The answers of JSON-RPC 2.0 to bytes that are not JSON, and to JSON that is not a request.
fn not_a_message(body: &[u8]) -> Response<Body> {
    // UTF-8 is checked first, because `IgnoredAny` does not check what it skips.
    let is_json =
        std::str::from_utf8(body).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let (code, message) = if is_json { (-32600, "Invalid Request") } else { (-32700, "Parse error") };
    let error = json!({ "jsonrpc": "2.0", "id": id(body), "error": { "code": code, "message": message } });
    let mut response = Response::new(Body::from(error.to_string()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The request's id, if it has a valid one.
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
