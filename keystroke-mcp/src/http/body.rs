//! What a request says: read whole, within a size and a time, and answered as JSON-RPC says where it is no message.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::Next;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer;
use super::withdraw::{Message, Running, name_session};

/// A client that sends slower than this is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What there is to know of a request's body.
#[derive(Clone)]
pub(super) struct Bodies {
    pub(super) longest: usize,
    /// One for each request that is read or answered.
    pub(super) places: Arc<Semaphore>,
    pub(super) running: Running,
}

pub(super) async fn check(State(bodies): State<Bodies>, request: Request, next: Next) -> Response<Body> {
    let Ok(_place) = bodies.places.try_acquire() else {
        let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, "too many requests at a time");
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    let is_json = is_json(request.headers());
    let (head, body) = request.into_parts();
    let body = match timeout(PATIENCE, to_bytes(body, bodies.longest)).await {
        Ok(Ok(body)) => body,
        // The only other error is a connection that broke, and then nobody reads this.
        Ok(Err(_)) => return answer(StatusCode::PAYLOAD_TOO_LARGE, "the message is too long"),
        Err(_) => return answer(StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time"),
    };
    let message = Message::of(&body);
    if let Some(caller) = head.extensions.get() {
        bodies.running.withdraw(caller, &head.headers, &message);
    }
    let mut response = next.run(Request::from_parts(head, Body::from(body.clone()))).await;
    if is_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // `rmcp` says so of JSON too that is no message.
        return no_message(&body);
    }
    if message == Message::Initialize {
        name_session(&mut response);
    }
    response
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
