//! Backpressure: nothing more is read from a client that does not read its answers, because they would fill the memory. A
//! client that can't be written to has gone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::RoleServer;
use rmcp::model::{ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::limits::CallPermit;

/// A transport that receives nothing while too many requests are pending.
pub(super) struct Backpressure<T> {
    inner: T,
    most: usize,
    pending: PendingRequests,
}

/// The requests whose answers have not been written. A request counts from the moment it is received, because until its answer
/// it may be anywhere in `rmcp`.
#[derive(Clone, Default)]
pub(super) struct PendingRequests(Arc<State>);

#[derive(Default)]
struct State {
    requests: Mutex<Requests>,
    /// Notified when there is one less.
    less: Notify,
    /// Fired when an answer could not be written.
    gone: CancellationToken,
}

#[derive(Default)]
struct Requests {
    /// Those without an answer yet, and the permits of those that are calls.
    open: HashMap<RequestId, Option<Arc<CallPermit>>>,
    /// How many answers are being written.
    writing: usize,
}

/// An answer that is being written.
struct AnswerInFlight {
    pending: PendingRequests,
    /// Free for the next call when the answer is written.
    _permit: Option<Arc<CallPermit>>,
}

impl Drop for AnswerInFlight {
    fn drop(&mut self) {
        let mut requests = self.pending.requests();
        requests.writing = requests.writing.saturating_sub(1);
        drop(requests);
        // There is one reader. If it does not wait yet, it finds this when it does.
        self.pending.0.less.notify_one();
    }
}

impl PendingRequests {
    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> usize {
        let requests = self.requests();
        requests.open.len().saturating_add(requests.writing)
    }

    /// Holds a call's permit until its answer is written.
    pub(super) fn hold(&self, id: &RequestId, permit: &Arc<CallPermit>) {
        if let Some(held) = self.requests().open.get_mut(id) {
            *held = Some(Arc::clone(permit));
        }
    }

    fn received(&self, message: &RxJsonRpcMessage<RoleServer>) {
        match message {
            JsonRpcMessage::Request(request) => {
                self.requests().open.insert(request.id.clone(), None);
            }
            // `rmcp` sends no answer to a request that its client cancelled.
            JsonRpcMessage::Notification(message) => {
                if let ClientNotification::CancelledNotification(cancelled) = &message.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    // Dropped after the lock: a permit's own lock is taken then.
                    let request = self.requests().open.remove(id);
                    drop(request);
                }
            }
            _ => {}
        }
    }

    fn answered(&self, message: &TxJsonRpcMessage<RoleServer>) -> Option<AnswerInFlight> {
        let id = match message {
            JsonRpcMessage::Response(response) => &response.id,
            JsonRpcMessage::Error(error) => error.id.as_ref()?,
            _ => return None,
        };
        let mut requests = self.requests();
        let permit = requests.open.remove(id)?;
        requests.writing = requests.writing.saturating_add(1);
        Some(AnswerInFlight { pending: self.clone(), _permit: permit })
    }
}

impl<T> Backpressure<T> {
    pub(super) const fn new(inner: T, most: usize, pending: PendingRequests) -> Self {
        Self { inner, most, pending }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Backpressure<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let writing = self.pending.answered(&message);
        let (gone, sending) = (self.pending.0.gone.clone(), self.inner.send(message));
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
        let State { less, gone, .. } = &*self.pending.0;
        while self.pending.count() >= self.most {
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
        self.pending.received(&message);
        Some(message)
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
