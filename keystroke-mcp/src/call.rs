//! One call: its turn, its run, its end by whichever comes first: the action, the client or the time.

use std::sync::Arc;

use keystroke_core::{Cancellation, Progress, ToolError};
use rmcp::RoleServer;
use rmcp::model::{CallToolResult, JsonObject, ProgressNotificationParam, ProgressToken, ProtocolVersion};
use rmcp::service::Peer;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::limits::Turn;
use crate::request::{Listener, NoUserBound, Parts, Request};
use crate::server::Shared;
use crate::tokens::Binding;
use crate::wire::{Callable, failed};

/// So many reports of progress wait to be sent; what an action tells beyond them is not sent.
const REPORTS: usize = 64;

/// What is known of a call before it starts.
pub(crate) struct Incoming {
    pub(crate) tool: Callable,
    pub(crate) input: JsonObject,
    pub(crate) binding: Arc<Binding>,
    pub(crate) version: Option<ProtocolVersion>,
    /// Fired when the client wants no answer any more.
    pub(crate) withdrawn: CancellationToken,
    pub(crate) peer: Peer<RoleServer>,
    pub(crate) progress: Option<ProgressToken>,
}

/// Why there is no result of the action.
enum Stopped {
    NoUser(NoUserBound),
    Failed(ToolError),
}

/// Cancels the call when it is dropped, so that nothing goes on that nobody waits for.
struct EndsWithThis(Cancellation);

impl Drop for EndsWithThis {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Shared {
    /// Does a call. What fails is a result as well: the model is to see it.
    pub(crate) async fn call(self: &Arc<Self>, incoming: Incoming) -> CallToolResult {
        let Incoming { tool, input, binding, version, withdrawn, peer, progress } = incoming;
        let cancellation = EndsWithThis(Cancellation::new());
        let deadline = sleep_until(Instant::now() + self.limits.time);
        tokio::pin!(deadline);
        let turn = tokio::select! {
            turn = self.queue.turn() => turn,
            () = &mut deadline => return self.late(tool.name),
            () = withdrawn.cancelled() => return self.withdrawn(tool.name),
        };
        let Some(turn) = turn else {
            tracing::warn!(tool = tool.name, "a call was refused: too many wait already");
            return failed("This server is busy with other calls. Try again in a moment.");
        };
        let (listener, mut reports) = match &progress {
            Some(_) => {
                let (sender, receiver) = mpsc::channel(REPORTS);
                (Some(listener(sender)), Some(receiver))
            }
            None => (None, None),
        };
        let request = Request { runtime: self.runtime.clone(), binding, tool: tool.name };
        let parts = Parts {
            input: Value::Object(input),
            agent: self.agent.clone(),
            cancellation: cancellation.0.clone(),
            progress: listener,
        };
        // In a task of its own: what blocks in it keeps no answer back, and holds its turn until it ends.
        let mut running = tokio::spawn(Arc::clone(self).perform(request, parts, turn));
        let mut sent = f64::NEG_INFINITY;
        let ended = loop {
            tokio::select! {
                biased;
                report = next(&mut reports) => report_progress(&peer, progress.as_ref(), report, &mut sent).await,
                ended = &mut running => break ended,
                () = &mut deadline => return self.late(tool.name),
                () = withdrawn.cancelled() => return self.withdrawn(tool.name),
            }
        };
        match ended {
            Ok(Ok(output)) => tool.result(output, version.as_ref()),
            Ok(Err(stopped)) => self.stopped(tool.name, &stopped),
            // The actions' own panics are core's; this one is of the closure that makes runs.
            Err(error) => {
                tracing::error!(
                    tool = tool.name,
                    panicked = error.is_panic(),
                    "a call ended outside of its action"
                );
                failed(format!("The tool `{}` failed inside. Trying again may not help.", tool.name))
            }
        }
    }

    async fn perform(
        self: Arc<Self>,
        request: Request,
        parts: Parts,
        turn: Turn,
    ) -> Result<keystroke_core::ToolOutput, Stopped> {
        let call = (self.dispatch)(&request, parts).map_err(Stopped::NoUser)?;
        let ended = call.await.map_err(Stopped::Failed);
        drop(turn);
        ended
    }

    fn late(&self, tool: &str) -> CallToolResult {
        let seconds = self.limits.time.as_secs_f64();
        tracing::warn!(tool, seconds, "a call took too long and was cancelled");
        failed(format!("The tool `{tool}` did not finish within {seconds} seconds and was cancelled."))
    }

    /// Nobody reads this.
    fn withdrawn(&self, tool: &str) -> CallToolResult {
        tracing::debug!(tool, agent = self.agent.slug(), "a call was cancelled by its client");
        failed(format!("The call of the tool `{tool}` was cancelled."))
    }

    /// The operator's words to the log, the model's to the model.
    fn stopped(&self, tool: &str, stopped: &Stopped) -> CallToolResult {
        let agent = self.agent.slug();
        match stopped {
            Stopped::NoUser(error) => {
                tracing::warn!(
                    tool, agent, %error,
                    fix = "give the client a token that is bound to a user: `keystroke tokens create --as-user <user>`",
                    "a tool was not called"
                );
                failed(format!(
                    "The tool `{tool}` acts for a signed-in user, and there is none. Ask for one to be connected."
                ))
            }
            Stopped::Failed(error) => {
                tracing::warn!(tool, agent, code = error.code(), %error, "a tool call failed");
                failed(error.for_model())
            }
        }
    }
}

/// One report of progress.
struct Report {
    done: u64,
    total: Option<u64>,
    message: String,
}

/// Called by the action, which must not wait: what does not fit is dropped.
fn listener(sender: mpsc::Sender<Report>) -> Listener {
    Box::new(move |Progress { done, total, message }| {
        let _ = sender.try_send(Report { done, total, message: message.to_owned() });
    })
}

/// The next report; never, once there are none.
async fn next(reports: &mut Option<mpsc::Receiver<Report>>) -> Report {
    if let Some(receiver) = reports {
        if let Some(report) = receiver.recv().await {
            return report;
        }
        *reports = None;
    }
    std::future::pending().await
}

#[expect(clippy::cast_precision_loss, reason = "the protocol counts in doubles")]
async fn report_progress(
    peer: &Peer<RoleServer>,
    token: Option<&ProgressToken>,
    report: Report,
    sent: &mut f64,
) {
    let (Some(token), done) = (token, report.done as f64) else { return };
    // The protocol lets it only grow.
    if done <= *sent {
        return;
    }
    *sent = done;
    let mut notification = ProgressNotificationParam::new(token.clone(), done);
    notification.total = report.total.map(|total| total as f64);
    notification.message = (!report.message.is_empty()).then_some(report.message);
    if let Err(error) = peer.notify_progress(notification).await {
        tracing::debug!(%error, "progress could not be sent");
    }
}
