//! Telling a client how far its call is, beside the call: an action never waits for its client to read.

use std::future::pending;
use std::pin::Pin;

use keystroke_core::Progress;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::Peer;
use tokio::sync::{mpsc, oneshot};

use crate::request::Listener;

/// So many reports of progress wait to be sent; what an action tells beyond them is not sent.
const REPORTS: usize = 64;

/// One report of progress.
struct Report {
    done: u64,
    total: Option<u64>,
    message: String,
}

/// The reports of one call, on their way to a client that asked for them. Each of its waits is for the client, so it is
/// raced with whatever ends the call.
pub(crate) struct Telling {
    /// `None` when all is sent.
    sending: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Dropped when the action has ended.
    ended: Option<oneshot::Sender<()>>,
}

impl Telling {
    /// With what the action calls, which must not wait: what does not fit is dropped.
    pub(crate) fn new(peer: Peer<RoleServer>, token: ProgressToken) -> (Listener, Self) {
        let (sender, reports) = mpsc::channel(REPORTS);
        let listener: Listener = Box::new(move |Progress { done, total, message, .. }| {
            let _ = sender.try_send(Report { done, total, message: message.to_owned() });
        });
        let (ended, end) = oneshot::channel();
        let sending = Box::pin(send(reports, end, peer, token));
        (listener, Self { sending: Some(sending), ended: Some(ended) })
    }

    /// Sends what the action tells. It never ends, and goes on where it was left.
    pub(crate) async fn go_on(&mut self) {
        self.rest().await;
        pending().await
    }

    /// The action has ended: sends what it told until now.
    pub(crate) async fn finish(&mut self) {
        self.ended = None;
        self.rest().await;
    }

    async fn rest(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.await;
            self.sending = None;
        }
    }
}

/// Tells the client whatever is further than what it was told last: the protocol lets progress only grow.
#[expect(clippy::cast_precision_loss, reason = "the protocol counts in doubles")]
async fn send(
    mut reports: mpsc::Receiver<Report>,
    mut end: oneshot::Receiver<()>,
    peer: Peer<RoleServer>,
    token: ProgressToken,
) {
    let mut sent = f64::NEG_INFINITY;
    loop {
        let next = tokio::select! {
            biased;
            next = reports.recv() => next,
            _ = &mut end => return,
        };
        let Some(Report { done, total, message }) = next else { return };
        let done = done as f64;
        if done <= sent {
            continue;
        }
        sent = done;
        let mut notification = ProgressNotificationParam::new(token.clone(), done);
        notification.total = total.map(|total| total as f64);
        notification.message = (!message.is_empty()).then_some(message);
        if let Err(error) = peer.notify_progress(notification).await {
            tracing::debug!(%error, "progress could not be sent");
        }
    }
}
