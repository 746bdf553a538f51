//! A request and its answer, from the first byte to the last: what is held until the answer is written, and what happens to a
//! body whose request was answered before it was read.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Response, Version};
use axum::middleware::Next;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::http::connection::pool::ActiveRequest;
use crate::limits::CallPermit;
use crate::limits::fair::Permit;

/// The most that hyper gets of an answer at a time, because what it has counts as written.
const PART: usize = 64 * 1024;
/// How long a body that nobody wants is read on, so that a client that sends all of it first finds the answer.
const LINGER: Duration = Duration::from_secs(5);

/// What is held until the answer to a request is written, or its client has gone.
pub(super) struct Exchange {
    active: Option<Arc<ActiveRequest>>,
    request: OnceLock<Permit>,
    call: OnceLock<Arc<CallPermit>>,
}

impl Exchange {
    /// Holds the permit of a request whose token is valid.
    pub(super) fn hold_request(&self, permit: Permit) {
        if let Some(active) = &self.active {
            active.has_token();
        }
        let _ = self.request.set(permit);
    }

    /// Holds the permit of the call that the request is for.
    pub(super) fn hold_call(&self, permit: Arc<CallPermit>) {
        let _ = self.call.set(permit);
    }
}

/// The outermost layer.
pub(super) async fn begin(mut request: Request, next: Next) -> Response<Body> {
    let active = request.extensions_mut().remove::<Arc<ActiveRequest>>();
    let exchange = Arc::new(Exchange { active, request: OnceLock::new(), call: OnceLock::new() });
    // Weak, so that a call that outlives its client holds nothing for an answer that will never be written.
    request.extensions_mut().insert(Arc::downgrade(&exchange));
    let version = request.version();
    let (head, body) = request.into_parts();
    let (lent, mut rest) = ReclaimedBody::lend(body);
    let mut response = next.run(Request::from_parts(head, lent)).await;
    if let Ok(rest) = rest.try_recv() {
        // hyper closes the connection then. A client that is not told so would fail with its next request.
        if version <= Version::HTTP_11 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        tokio::spawn(timeout(LINGER, read_on(rest)));
    }
    response.map(|body| Body::new(HoldingBody { body, part: Bytes::new(), exchange }))
}

/// The next part of a body.
pub(super) async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

async fn read_on(mut rest: Body) {
    while let Some(Ok(_)) = next_frame(&mut rest).await {}
}

/// A request's body that comes back if it is dropped before its end.
struct ReclaimedBody {
    body: Option<Body>,
    back: Option<oneshot::Sender<Body>>,
}

impl ReclaimedBody {
    fn lend(body: Body) -> (Body, oneshot::Receiver<Body>) {
        let (back, rest) = oneshot::channel();
        if body.is_end_stream() {
            return (body, rest);
        }
        (Body::new(Self { body: Some(body), back: Some(back) }), rest)
    }
}

impl HttpBody for ReclaimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || body.is_end_stream() {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for ReclaimedBody {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            let _ = back.send(body);
        }
    }
}

/// An answer's body. Each of its bytes keeps the exchange alive, wherever hyper keeps it until it is written.
struct HoldingBody {
    body: Body,
    /// What is left of the last frame.
    part: Bytes,
    exchange: Arc<Exchange>,
}

/// Bytes that keep the exchange alive.
struct HoldingBytes {
    bytes: Bytes,
    _exchange: Arc<Exchange>,
}

impl AsRef<[u8]> for HoldingBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for HoldingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.part.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => {
                        let exchange = Arc::clone(&self.exchange);
                        self.part = Bytes::from_owner(HoldingBytes { bytes, _exchange: exchange });
                    }
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.part.len().min(PART);
        Poll::Ready(Some(Ok(Frame::data(self.part.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.part.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, part) = (self.body.size_hint(), self.part.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(part));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(part));
        }
        hint
    }
}
