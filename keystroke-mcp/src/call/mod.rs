//! One call: its turn, its run, its end by whichever comes first: the action, the client or the time.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use keystroke_core::{Cancellation, ToolError, ToolOutput, drop_payload};
use rmcp::RoleServer;
use rmcp::model::{CallToolResult, JsonObject, ProgressToken, ProtocolVersion};
use rmcp::service::Peer;
use serde_json::Value;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::answer::Answer;
use crate::client::{Client, told_of};
use crate::limits::Turn;
use crate::request::{NoUserBound, Parts, Request};
use crate::server::Shared;
use crate::share::Holder;
use crate::telling::Telling;
use crate::wire::{Callable, failed};

/// What is known of a call before it starts.
pub(crate) struct Incoming {
    pub(crate) tool: Callable,
    pub(crate) input: JsonObject,
    pub(crate) client: Client,
    pub(crate) version: Option<ProtocolVersion>,
    /// Fired when the client wants no answer any more.
    pub(crate) withdrawn: CancellationToken,
    pub(crate) peer: Peer<RoleServer>,
    pub(crate) progress: Option<ProgressToken>,
    /// Who its turn counts for.
    pub(crate) holder: Holder,
    pub(crate) answer: Answer,
}

/// Why there is no result of the action.
enum Stopped {
    NoUser(NoUserBound),
    Failed(ToolError),
}

/// A call from its run to its end.
type Performing = Pin<Box<dyn Future<Output = Result<ToolOutput, Stopped>> + Send>>;

/// `None` if it panics, which must not take the answer with it.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(drop_payload).ok()
}

/// A task that ended without a result; what it panicked with may panic once more when it is dropped.
fn put_down(ended: JoinError) {
    if let Ok(payload) = ended.try_into_panic() {
        drop_payload(payload);
    }
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
        let Incoming { tool, input, client, version, withdrawn, peer, progress, holder, answer } = incoming;
        let cancellation = EndsWithThis(Cancellation::new());
        let deadline = sleep_until(Instant::now() + self.limits.time);
        tokio::pin!(deadline);
        let turn = tokio::select! {
            biased;
            turn = self.queue.turn(&holder) => turn,
            () = &mut deadline => return self.late(&client, tool.name),
            () = withdrawn.cancelled() => return self.withdrawn(&client, tool.name),
        };
        let Some(turn) = turn.map(Arc::new) else {
            told_of!(
                WARN,
                &client,
                tool = tool.name,
                agent = self.agent.slug(),
                "a call was refused: too many wait already"
            );
            return failed("This server is busy with other calls. Try again in a moment.");
        };
        answer.keep(&turn);
        let (listener, mut telling) = progress.map(|token| Telling::new(peer, token)).unzip();
        let request = Request::new(self, &client, tool.name);
        let parts = Parts {
            input: Value::Object(input),
            agent: self.agent.clone(),
            cancellation: cancellation.0.clone(),
            progress: listener,
        };
        let mut performing: Performing = Box::pin(Arc::clone(self).perform(request, parts, turn));
        let first = poll_fn(|cx| Poll::Ready(guarded(|| performing.as_mut().poll(cx)))).await;
        let ended = match first {
            Some(Poll::Ready(ended)) => Some(ended),
            None => None,
            // From where it waits on it has a task of its own: what blocks there keeps no answer back, and holds its
            // turn until it ends. One that never waits, such as of a cached result, is spared the way.
            Some(Poll::Pending) => {
                let mut running = tokio::spawn(performing);
                // Telling comes last: it waits for the client, and nothing here waits for that.
                tokio::select! {
                    biased;
                    ended = &mut running => ended.map_err(put_down).ok(),
                    () = &mut deadline => return self.late(&client, tool.name),
                    () = withdrawn.cancelled() => return self.withdrawn(&client, tool.name),
                    () = go_on(&mut telling) => None,
                }
            }
        };
        if let Some(telling) = &mut telling {
            // What is left of the time is for what was told; the result does not wait longer.
            tokio::select! {
                biased;
                () = telling.finish() => {}
                () = &mut deadline => tracing::debug!(tool = tool.name, "progress was left out: nobody read it in time"),
                () = withdrawn.cancelled() => return self.withdrawn(&client, tool.name),
            }
        }
        match ended {
            Some(Ok(output)) => tool.result(output, version.as_ref()),
            Some(Err(stopped)) => self.stopped(&client, tool.name, &stopped),
            // The actions' own panics are core's; this one is of what makes runs, or of a store.
            None => {
                let agent = self.agent.slug();
                told_of!(ERROR, &client, tool = tool.name, agent, "a call panicked outside of its action");
                failed(format!("The tool `{}` failed inside. Trying again may not help.", tool.name))
            }
        }
    }

    async fn perform(
        self: Arc<Self>,
        request: Request,
        parts: Parts,
        turn: Arc<Turn>,
    ) -> Result<ToolOutput, Stopped> {
        let call = (self.dispatch)(&request, parts).map_err(Stopped::NoUser)?;
        let ended = call.await.map_err(Stopped::Failed);
        drop(turn);
        ended
    }

    fn late(&self, client: &Client, tool: &str) -> CallToolResult {
        let seconds = self.limits.time.as_secs_f64();
        told_of!(
            WARN,
            client,
            tool,
            agent = self.agent.slug(),
            seconds,
            "a call took too long and was cancelled"
        );
        failed(format!("The tool `{tool}` did not finish within {seconds} seconds and was cancelled."))
    }

    /// Nobody reads this.
    fn withdrawn(&self, client: &Client, tool: &str) -> CallToolResult {
        told_of!(DEBUG, client, tool, agent = self.agent.slug(), "a call was cancelled by its client");
        failed(format!("The call of the tool `{tool}` was cancelled."))
    }

    /// The operator's words to the log, the model's to the model.
    fn stopped(&self, client: &Client, tool: &str, stopped: &Stopped) -> CallToolResult {
        let agent = self.agent.slug();
        match stopped {
            Stopped::NoUser(error) => {
                told_of!(WARN, client, tool, agent, %error, fix = client.user_fix(), "a tool was not called");
                failed(format!(
                    "The tool `{tool}` was not called: this server works for signed-in users only, and here there is none. Tell the user; trying again will not help."
                ))
            }
            Stopped::Failed(error @ ToolError::NoUser { .. }) => {
                told_of!(
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
            Stopped::Failed(error) => {
                told_of!(WARN, client, tool, agent, code = error.code(), %error, "a tool call failed");
                failed(error.for_model())
            }
        }
    }
}

/// Tells what there is to tell, and never ends.
async fn go_on(telling: &mut Option<Telling>) {
    match telling {
        Some(telling) => telling.go_on().await,
        None => pending().await,
    }
}
