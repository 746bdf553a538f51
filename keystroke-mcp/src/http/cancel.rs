//! Cancellation by notification, for the protocol versions in which it comes as a request of its own.
//!
//! Such a request has to say whose call it means, and each client counts its request ids from the start. So a client that
//! sends `initialize` gets a session id, and running calls are known by token, session and request. Nothing is kept of the
//! session itself: a made-up id names no call, and somebody else's id is of no use without their token.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rmcp::model::RequestId;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::client::Client;

const SESSION: &str = "mcp-session-id";
/// The messages that matter here are shorter; a longer one is not looked into.
const LONGEST: usize = 64 * 1024;
/// A session id of ours has 22 characters; a longer one is from elsewhere.
const LONGEST_SESSION: usize = 64;

/// Which call it is.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CallKey {
    token: Arc<str>,
    session: Box<str>,
    request: RequestId,
}

/// The running calls that can be cancelled by notification. There are never more of them than calls that run or wait.
#[derive(Clone, Default)]
pub(super) struct RunningCalls(Arc<Mutex<HashMap<CallKey, CancellationToken>>>);

/// Held while a call runs.
pub(super) struct RunningCall {
    running: RunningCalls,
    call: CallKey,
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.call);
    }
}

impl RunningCalls {
    /// Makes a call known. `None` if its client has no session.
    pub(super) fn enter(
        &self,
        client: &Client,
        headers: &HeaderMap,
        request: RequestId,
        end: CancellationToken,
    ) -> Option<RunningCall> {
        let call = CallKey { token: client.holder()?, session: session(headers)?, request };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(call.clone(), end);
        Some(RunningCall { running: self.clone(), call })
    }

    /// Ends the call that the message cancels, if it is such a message.
    pub(super) fn cancel(&self, client: &Client, headers: &HeaderMap, message: &MessageKind) {
        if let MessageKind::Cancelled(request) = message
            && let (Some(token), Some(session)) = (client.holder(), session(headers))
        {
            let call = CallKey { token, session, request: request.clone() };
            if let Some(end) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&call) {
                end.cancel();
            }
        }
    }
}

fn session(headers: &HeaderMap) -> Option<Box<str>> {
    let session = headers.get(SESSION)?.to_str().ok()?;
    (session.len() <= LONGEST_SESSION).then(|| session.into())
}

/// What matters here about a message.
#[derive(PartialEq, Eq)]
pub(super) enum MessageKind {
    Initialize,
    Cancelled(RequestId),
    Other,
}

impl MessageKind {
    pub(super) fn of(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope<'b> {
            // Owned if it is written with escapes: some encoders write each `/` as `\/`.
            #[serde(borrow)]
            method: Cow<'b, str>,
            #[serde(default)]
            params: Option<Params>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            request_id: Option<RequestId>,
        }
        // Most messages are calls, and they are not read twice.
        let may_matter = body.len() <= LONGEST && !contains(body, b"\"tools/call\"");
        let Some(Ok(Envelope { method, params })) = may_matter.then(|| serde_json::from_slice(body)) else {
            return Self::Other;
        };
        match (&*method, params) {
            ("initialize", _) => Self::Initialize,
            ("notifications/cancelled", Some(Params { request_id: Some(request) })) => {
                Self::Cancelled(request)
            }
            _ => Self::Other,
        }
    }
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// Gives a client that began a session the id of it.
pub(super) fn name_session(response: &mut Response<Body>) {
    let mut bytes = [0; 16];
    if response.status() == StatusCode::OK
        && keystroke_files::random_bytes(&mut bytes).is_ok()
        && let Ok(id) = HeaderValue::from_str(&URL_SAFE_NO_PAD.encode(bytes))
    {
        response.headers_mut().insert(SESSION, id);
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::RequestId;

    use super::MessageKind;

    #[test]
    fn a_method_is_the_same_however_its_letters_are_written() {
        for method in
            ["notifications/cancelled", r"notifications\/cancelled", r"notific\u0061tions\/cancelled"]
        {
            let body = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"requestId":7}}}}"#);
            assert!(
                MessageKind::of(body.as_bytes()) == MessageKind::Cancelled(RequestId::Number(7)),
                "{body}"
            );
        }
        for method in ["initialize", r"initi\u0061lize"] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#);
            assert!(MessageKind::of(body.as_bytes()) == MessageKind::Initialize, "{body}");
        }
        for body in ["", "[]", r#"{"method":7}"#, r#"{"method":"notifications/cancelled","params":{}}"#] {
            assert!(MessageKind::of(body.as_bytes()) == MessageKind::Other, "{body}");
        }
    }
}
