//! A client that reads no answers is read no further: what it goes on to ask for would fill the memory. One that can't be
//! written to has gone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::RoleServer;
use rmcp::model::{ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::limits::Turn;

/// A transport that receives nothing while so many requests wait for their answers to be written.
pub(super) struct Paced<T> {
    inner: T,
    most: usize,
    unanswered: Unanswered,
}

/// The requests that were received and whose answers have not been written. A request counts from when it is received on:
/// between that and its answer it may be anywhere in `rmcp`.
#[derive(Clone, Default)]
pub(crate) struct Unanswered(Arc<Inner>);

#[derive(Default)]
struct Inner {
    requests: Mutex<Requests>,
    /// Told when there is one less.
    less: Notify,
    /// Fired when an answer could not be written.
    gone: CancellationToken,
}

#[derive(Default)]
struct Requests {
    /// Those that have no answer yet, and the turns of those that are calls.
    open: HashMap<RequestId, Option<Arc<Turn>>>,
    /// How many answers are being written.
    writing: usize,
}

/// An answer that is being written.
struct Writing {
    unanswered: Unanswered,
    /// Free for the next call when this is written.
    _turn: Option<Arc<Turn>>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut requests = self.unanswered.requests();
        requests.writing = requests.writing.saturating_sub(1);
        drop(requests);
        // There is one reader; if it does not wait yet, it finds this when it does.
        self.unanswered.0.less.notify_one();
    }
}

impl Unanswered {
    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> usize {
        let requests = self.requests();
        requests.open.len().saturating_add(requests.writing)
    }

    /// Keeps a call's turn until its answer is written.
    pub(crate) fn keep(&self, id: &RequestId, turn: &Arc<Turn>) {
        if let Some(kept) = self.requests().open.get_mut(id) {
            *kept = Some(Arc::clone(turn));
        }
    }

    fn received(&self, message: &RxJsonRpcMessage<RoleServer>) {
        match message {
            JsonRpcMessage::Request(request) => {
                self.requests().open.insert(request.id.clone(), None);
            }
            // `rmcp` sends no answer to a request that its client took back.
            JsonRpcMessage::Notification(message) => {
                if let ClientNotification::CancelledNotification(cancelled) = &message.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    let taken_back = self.requests().open.remove(id);
                    drop(taken_back);
                }
            }
            _ => {}
        }
    }

    fn answered(&self, message: &TxJsonRpcMessage<RoleServer>) -> Option<Writing> {
        let id = match message {
            JsonRpcMessage::Response(response) => &response.id,
            JsonRpcMessage::Error(error) => error.id.as_ref()?,
            _ => return None,
        };
        let mut requests = self.requests();
        let turn = requests.open.remove(id)?;
        requests.writing = requests.writing.saturating_add(1);
        Some(Writing { unanswered: self.clone(), _turn: turn })
    }
}

impl<T> Paced<T> {
    pub(super) const fn new(inner: T, most: usize, unanswered: Unanswered) -> Self {
        Self { inner, most, unanswered }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Paced<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let writing = self.unanswered.answered(&message);
        let (gone, sending) = (self.unanswered.0.gone.clone(), self.inner.send(message));
        async move {
            let sent = sending.await;
            if sent.is_err() {
                gone.cancel();
            }
            drop(writing);
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let Inner { less, gone, .. } = &*self.unanswered.0;
        while self.unanswered.count() >= self.most {
            tokio::select! {
                () = less.notified() => {}
                () = gone.cancelled() => return None,
            }
        }
        let message = tokio::select! {
            biased;
            () = gone.cancelled() => None,
            message = self.inner.receive() => message,
        }?;
        self.unanswered.received(&message);
        Some(message)
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
