//! A client that reads no answers is read no further: what it goes on to ask for would fill the memory.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::RoleServer;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::Notify;

/// A transport that receives nothing while so many messages of the server wait to be written.
pub(super) struct Paced<T> {
    inner: T,
    most: usize,
    unwritten: Arc<Unwritten>,
}

#[derive(Default)]
struct Unwritten {
    messages: AtomicUsize,
    /// Told when there is one less.
    less: Notify,
}

/// A message that waits to be written.
struct Waits(Arc<Unwritten>);

impl Waits {
    fn new(unwritten: &Arc<Unwritten>) -> Self {
        unwritten.messages.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(unwritten))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.messages.fetch_sub(1, Ordering::SeqCst);
        // There is one reader; if it does not wait yet, it finds this when it does.
        self.0.less.notify_one();
    }
}

impl<T> Paced<T> {
    pub(super) fn new(inner: T, most: usize) -> Self {
        Self { inner, most, unwritten: Arc::default() }
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
        let (waits, sending) = (Waits::new(&self.unwritten), self.inner.send(message));
        async move {
            let sent = sending.await;
            drop(waits);
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        while self.unwritten.messages.load(Ordering::SeqCst) >= self.most {
            self.unwritten.less.notified().await;
        }
        self.inner.receive().await
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
