//! Progress of a call, sent to its client beside the call: an action never waits for its client to read.

use std::future::pending;
use std::pin::Pin;

use keystroke_core::Progress;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::Peer;
use tokio::sync::{mpsc, oneshot};

use crate::server::ProgressListener;

/// How many reports may wait to be sent. An action's reports beyond them are dropped.
const REPORTS: usize = 64;

/// How far a call is.
struct ProgressReport {
    done: u64,
    total: Option<u64>,
    message: String,
}

/// Sends the reports of one call to a client that asked for them. Every wait in here is for the client, so callers race it with
/// whatever ends the call.
pub(crate) struct ProgressRelay {
    /// `None` when everything is sent.
    sending: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Dropped when the action has ended.
    action_ended: Option<oneshot::Sender<()>>,
}

impl ProgressRelay {
    /// The relay, and the listener that the action calls. The listener must not wait, so it drops what does not fit.
    pub(crate) fn new(peer: Peer<RoleServer>, token: ProgressToken) -> (ProgressListener, Self) {
        let (sender, reports) = mpsc::channel(REPORTS);
        let listener: ProgressListener = Box::new(move |Progress { done, total, message, .. }| {
            let _ = sender.try_send(ProgressReport { done, total, message: message.to_owned() });
        });
        let (action_ended, end) = oneshot::channel();
        let sending = Box::pin(send(reports, end, peer, token));
        (listener, Self { sending: Some(sending), action_ended: Some(action_ended) })
    }

    /// Sends reports as they come. It never ends, and picks up where it was left.
    pub(crate) async fn forward(&mut self) {
        self.run().await;
        pending().await
    }

    /// The action has ended: sends what is left.
    pub(crate) async fn flush(&mut self) {
        self.action_ended = None;
        self.run().await;
    }

    async fn run(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.await;
            self.sending = None;
        }
    }
}

/// Sends each report that is further than the last one sent: in the protocol, progress only grows.
#[expect(clippy::cast_precision_loss, reason = "the protocol counts in doubles")]
async fn send(
    mut reports: mpsc::Receiver<ProgressReport>,
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
        let Some(ProgressReport { done, total, message }) = next else { return };
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
