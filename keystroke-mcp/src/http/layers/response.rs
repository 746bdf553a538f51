//! Answers of our own, in a few words of plain text.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};

pub(super) fn plain(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Not now, but in so many seconds.
pub(super) fn unavailable(seconds: &'static str, text: &'static str) -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    response
}

/// Why a request is refused.
pub(super) struct Rejection {
    pub(super) status: StatusCode,
    pub(super) text: Cow<'static, str>,
}

impl Rejection {
    pub(super) fn into_response(self) -> Response<Body> {
        plain(self.status, self.text)
    }
}
