//! One call: it waits for its permit, gets its run, and ends by whichever comes first: the action, the client or the time.

mod progress;
mod reply;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use keystroke_core::{Cancellation, ToolError, ToolOutput};
use rmcp::RoleServer;
use rmcp::model::{CallToolResult, JsonObject, ProgressToken, ProtocolVersion};
use rmcp::service::Peer;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use self::progress::ProgressRelay;
pub(crate) use self::reply::Reply;
use crate::client::{Client, client_event};
use crate::limits::CallPermit;
use crate::panics::{caught, drop_error};
use crate::server::{CallSetup, NoUserBound, RunRequest, Shared};
use crate::tools::{ListedTool, failed};

/// A call before it starts.
pub(crate) struct IncomingCall<R> {
    pub(crate) tool: ListedTool,
    pub(crate) input: JsonObject,
    pub(crate) client: Client,
    pub(crate) version: Option<ProtocolVersion>,
    /// Fired when the client no longer wants an answer.
    pub(crate) cancelled: CancellationToken,
    pub(crate) peer: Peer<RoleServer>,
    pub(crate) progress: Option<ProgressToken>,
    pub(crate) reply: R,
}

/// Why the action gave no result.
enum CallFailure {
    NoUser(NoUserBound),
    Tool(ToolError),
}

/// A call from its run to its end.
type RunningCall = Pin<Box<dyn Future<Output = Result<ToolOutput, CallFailure>> + Send>>;

/// Cancels the call when it is dropped, so that nothing runs that nobody waits for.
struct CancelOnDrop(Cancellation);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Shared {
    /// Makes a call. A failure is a result too: the model is meant to see it.
    pub(crate) async fn call<R: Reply>(self: &Arc<Self>, incoming: IncomingCall<R>) -> CallToolResult {
        let IncomingCall { tool, input, client, version, cancelled, peer, progress, reply } = incoming;
        let cancellation = CancelOnDrop(Cancellation::new());
        let deadline = sleep_until(Instant::now() + self.limits.time);
        tokio::pin!(deadline);
        let holder = client.holder();
        let permit = tokio::select! {
            biased;
            permit = self.queue.permit(&holder) => permit,
            () = &mut deadline => return self.late(&client, tool.name),
            () = cancelled.cancelled() => return self.cancelled(&client, tool.name),
        };
        let Some(permit) = permit.map(Arc::new) else {
            client_event!(
                WARN,
                &client,
                tool = tool.name,
                agent = self.agent.slug(),
                "a call was refused: too many wait already"
            );
            return failed("This server is busy with other calls. Try again in a moment.");
        };
        reply.hold(&permit);
        let (listener, mut relay) = progress.map(|token| ProgressRelay::new(peer, token)).unzip();
        let request = self.request(&client, tool.name);
        let setup = CallSetup {
            input: Value::Object(input),
            agent: self.agent.clone(),
            cancellation: cancellation.0.clone(),
            progress: listener,
        };
        let mut call: RunningCall = Box::pin(Arc::clone(self).run(request, setup, permit));
        let first = poll_fn(|cx| Poll::Ready(caught(|| call.as_mut().poll(cx)))).await;
        let ended = match first {
            Some(Poll::Ready(ended)) => Some(ended),
            None => None,
            // Once it waits, it gets a task of its own: code that blocks there delays no answer, and holds its permit until
            // it ends. A call that never waits, such as one with a cached result, needs no task.
            Some(Poll::Pending) => {
                let mut running = tokio::spawn(call);
                // Progress comes last: it waits for the client, and nothing here waits for that.
                tokio::select! {
                    biased;
                    ended = &mut running => ended.map_err(drop_error).ok(),
                    () = &mut deadline => return self.late(&client, tool.name),
                    () = cancelled.cancelled() => return self.cancelled(&client, tool.name),
                    () = forward(&mut relay) => None,
                }
            }
        };
        if let Some(relay) = &mut relay {
            // Progress that is not sent yet gets the rest of the call's time. The result waits no longer than that.
            tokio::select! {
                biased;
                () = relay.flush() => {}
                () = &mut deadline => tracing::debug!(tool = tool.name, "progress was left out: nobody read it in time"),
                () = cancelled.cancelled() => return self.cancelled(&client, tool.name),
            }
        }
        match ended {
            Some(Ok(output)) => tool.result(output, version.as_ref()),
            Some(Err(failure)) => self.report(&client, tool.name, &failure),
            // Core handles the panics of actions; this one came from the closure that makes runs, or from a store.
            None => {
                let agent = self.agent.slug();
                client_event!(ERROR, &client, tool = tool.name, agent, "a call panicked outside its action");
                failed(format!("The tool `{}` failed inside. Trying again may not help.", tool.name))
            }
        }
    }

    async fn run(
        self: Arc<Self>,
        request: RunRequest,
        setup: CallSetup,
        permit: Arc<CallPermit>,
    ) -> Result<ToolOutput, CallFailure> {
        let call = (self.dispatch)(&request, setup).map_err(CallFailure::NoUser)?;
        let ended = call.await.map_err(CallFailure::Tool);
        drop(permit);
        ended
    }

    fn late(&self, client: &Client, tool: &str) -> CallToolResult {
        let seconds = self.limits.time.as_secs_f64();
        client_event!(
            WARN,
            client,
            tool,
            agent = self.agent.slug(),
            seconds,
            "a call took too long and was cancelled"
        );
        failed(format!("The tool `{tool}` did not finish within {seconds} seconds and was cancelled."))
    }

    /// The client wanted no answer, so nobody reads this one.
    fn cancelled(&self, client: &Client, tool: &str) -> CallToolResult {
        client_event!(DEBUG, client, tool, agent = self.agent.slug(), "a call was cancelled by its client");
        failed(format!("The call of the tool `{tool}` was cancelled."))
    }

    /// Reports a failure: the operator's text to the log, the model's to the model.
    fn report(&self, client: &Client, tool: &str, failure: &CallFailure) -> CallToolResult {
        let agent = self.agent.slug();
        match failure {
            CallFailure::NoUser(error) => {
                client_event!(WARN, client, tool, agent, %error, fix = client.user_fix(), "a tool was not called");
                failed(format!(
                    "The tool `{tool}` was not called: this server works for signed-in users only, and here there is none. Tell the user; trying again will not help."
                ))
            }
            CallFailure::Tool(error @ ToolError::NoUser { .. }) => {
                client_event!(
                    WARN,
                    client,
                    tool,
                    agent,
                    code = error.code(),
                    fix = client.user_fix(),
                    "a tool was not called: it acts for a user, and the client for none"
                );
                failed(error.for_model())
            }
            CallFailure::Tool(error) => {
                client_event!(WARN, client, tool, agent, code = error.code(), %error, "a tool call failed");
                failed(error.for_model())
            }
        }
    }
}

/// Sends progress as it comes, and never ends.
async fn forward(relay: &mut Option<ProgressRelay>) {
    match relay {
        Some(relay) => relay.forward().await,
        None => pending().await,
    }
}
