//! Cancellation by notification, for the protocol versions in which a client says it in a request of its own.
//!
//! Such a request has to tell whose call it means, and request ids are each client's own count. So a client that says
//! `initialize` is given a session id, and the calls that run are known by token, session and request. Of the session
//! itself nothing is kept: an id that is made up names no call, and one of somebody else's needs their token as well.

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

use super::Caller;

const SESSION: &str = "mcp-session-id";
/// Messages that concern this are shorter; a longer one is not looked into.
const LONGEST: usize = 64 * 1024;
/// A session id is 22 characters; who sends a longer one has it from elsewhere.
const LONGEST_SESSION: usize = 64;

/// A call that runs.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Call {
    token: Arc<str>,
    session: Box<str>,
    request: RequestId,
}

/// The calls that run and may be cancelled by notification. As many as run and wait, and no more.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<Call, CancellationToken>>>);

/// Held while a call runs.
pub(crate) struct Entry {
    running: Running,
    call: Call,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.call);
    }
}

impl Running {
    /// Makes a call known; `None` if its client has no session.
    pub(crate) fn enter(
        &self,
        caller: &Caller,
        headers: &HeaderMap,
        request: RequestId,
        end: CancellationToken,
    ) -> Option<Entry> {
        let call = Call { token: Arc::clone(&caller.token), session: session(headers)?, request };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(call.clone(), end);
        Some(Entry { running: self.clone(), call })
    }

    /// Ends the call that the message takes back, if it is such a message.
    pub(super) fn withdraw(&self, caller: &Caller, headers: &HeaderMap, message: &Message) {
        if let Message::Cancelled(request) = message
            && let Some(session) = session(headers)
        {
            let call = Call { token: Arc::clone(&caller.token), session, request: request.clone() };
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

/// What of a message matters here.
#[derive(PartialEq, Eq)]
pub(super) enum Message {
    Initialize,
    Cancelled(RequestId),
    Other,
}

impl Message {
    pub(super) fn of(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope<'b> {
            // Owned where it is written with escapes: some encoders write each `/` as `\/`.
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
        // Calls are most of the messages, and are not read twice.
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

/// Gives a client that began a session the session's id.
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

    use super::Message;

    #[test]
    fn a_method_is_the_same_however_its_letters_are_written() {
        for method in
            ["notifications/cancelled", r"notifications\/cancelled", r"notific\u0061tions\/cancelled"]
        {
            let body = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"requestId":7}}}}"#);
            assert!(Message::of(body.as_bytes()) == Message::Cancelled(RequestId::Number(7)), "{body}");
        }
        for method in ["initialize", r"initi\u0061lize"] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#);
            assert!(Message::of(body.as_bytes()) == Message::Initialize, "{body}");
        }
        for body in ["", "[]", r#"{"method":7}"#, r#"{"method":"notifications/cancelled","params":{}}"#] {
            assert!(Message::of(body.as_bytes()) == Message::Other, "{body}");
        }
    }
}
