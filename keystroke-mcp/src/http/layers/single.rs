//! Headers that may be there only once: two readers of one request must not read them differently.

use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};

use super::response::Rejection;

/// A proxy may go by the first of two, and a server by the last. (Two tokens are refused by `auth`, two lengths by hyper.)
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

/// Refuses a request that has one of them twice.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Rejection> {
    match SINGLE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
        Some(name) => Err(Rejection {
            status: StatusCode::BAD_REQUEST,
            text: format!(
                "the header `{name}` is there more than once, and it is not clear which one counts"
            )
            .into(),
        }),
        None => Ok(()),
    }
}
