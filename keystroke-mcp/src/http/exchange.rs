//! A request and its answer, from the first to the last byte: what is held until the answer has been written, and what
//! happens to a body that was answered before it was read.

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

use super::connections::Busy;
use crate::limits::Turn;
use crate::share::Share;

/// A server takes no more of an answer at a time: what it has taken counts as written.
const PART: usize = 64 * 1024;
/// So long a body that nobody wants is read, so that a client that sends it all first finds the answer.
const LINGER: Duration = Duration::from_secs(5);

/// What is held until the answer to a request has been written, or its client has gone.
pub(crate) struct Exchange {
    busy: Option<Arc<Busy>>,
    place: OnceLock<Share>,
    turn: OnceLock<Arc<Turn>>,
}

impl Exchange {
    /// Keeps the place of a request whose token is valid.
    pub(super) fn keep_place(&self, place: Share) {
        if let Some(busy) = &self.busy {
            busy.is_known();
        }
        let _ = self.place.set(place);
    }

    pub(crate) fn keep_turn(&self, turn: Arc<Turn>) {
        let _ = self.turn.set(turn);
    }
}

/// The outermost of all layers.
pub(super) async fn begin(mut request: Request, next: Next) -> Response<Body> {
    let busy = request.extensions_mut().remove::<Arc<Busy>>();
    let exchange = Arc::new(Exchange { busy, place: OnceLock::new(), turn: OnceLock::new() });
    // Weak, so that a call that goes on without its client holds nothing for an answer that there will not be.
    request.extensions_mut().insert(Arc::downgrade(&exchange));
    let version = request.version();
    let (head, body) = request.into_parts();
    let (lent, mut rest) = Lent::lend(body);
    let mut response = next.run(Request::from_parts(head, lent)).await;
    if let Ok(rest) = rest.try_recv() {
        // hyper closes the connection then, and unless it is said, the client's next request fails.
        if version <= Version::HTTP_11 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        tokio::spawn(timeout(LINGER, read_on(rest)));
    }
    response.map(|body| Body::new(Held { body, part: Bytes::new(), exchange }))
}

async fn read_on(mut rest: Body) {
    while let Some(Ok(_)) = super::body::frame(&mut rest).await {}
}

/// A request's body, which comes back if it is dropped before its end.
struct Lent {
    body: Option<Body>,
    back: Option<oneshot::Sender<Body>>,
}

impl Lent {
    fn lend(body: Body) -> (Body, oneshot::Receiver<Body>) {
        let (back, rest) = oneshot::channel();
        if body.is_end_stream() {
            return (body, rest);
        }
        (Body::new(Self { body: Some(body), back: Some(back) }), rest)
    }
}

impl HttpBody for Lent {
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

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            let _ = back.send(body);
        }
    }
}

/// An answer's body. Each byte of it holds what the exchange holds, wherever a server keeps it until it is written.
struct Held {
    body: Body,
    /// What of the last frame has not been taken.
    part: Bytes,
    exchange: Arc<Exchange>,
}

/// Bytes that hold something.
struct Holding {
    bytes: Bytes,
    _exchange: Arc<Exchange>,
}

impl AsRef<[u8]> for Holding {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for Held {
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
                        self.part = Bytes::from_owner(Holding { bytes, _exchange: exchange });
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
