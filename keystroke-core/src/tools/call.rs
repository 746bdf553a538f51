//! One call of a tool: [`ToolCall`], and the form of a call in JSON. Here its output is encoded, and the secrets that were
//! lent are removed from everything that leaves (SEMANTICS E5, E6). The steps before are in the pipeline.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::Value;

use super::tool::ToolOutput;
use super::tool_error::{FIX_OUTPUT, ToolError};
use crate::declare::action::{Action, facts_of};
use crate::declare::failure::{Failure, InvalidInput, RejectionOutcome};
use crate::declare::kind::CredentialKind;
use crate::execute::action_error::{are_retryable, joined};
use crate::execute::credentials::Acquired;
use crate::execute::execution::{ActionFacts, CallSettings, FirstAttempt, Stop};
use crate::execute::invocation::Invocation;
use crate::execute::observe;
use crate::execute::panic::Guarded;
use crate::execute::pipeline::{CallForm, Leaving, execute};
use crate::json::content::{GivenContent, Misfit};
use crate::json::output::{Encoded, Unwritten, put_down};
use crate::redact::AtAGlance;
use crate::resolve::error::ResolveError;
use crate::run::runtime::RunInner;
use crate::store::BoxFuture;

/// What a call of a tool comes to.
pub(super) type ToolResult = Result<ToolOutput, ToolError>;

/// A call of a tool: a future that starts when it is first polled. It holds its own handle to the run.
#[must_use = "a call does nothing until it is awaited"]
pub struct ToolCall {
    action: &'static str,
    running: Guarded<ToolResult>,
}

impl ToolCall {
    pub(super) fn new(action: &'static str, call: BoxFuture<'static, ToolResult>) -> Self {
        Self { action, running: Guarded::new(call) }
    }

    /// A call that is refused at once.
    pub(super) fn refused(action: &'static str, error: ToolError) -> Self {
        Self::new(action, Box::pin(ready(Err(error))))
    }

    /// A call of a tool that the list does not have.
    pub(super) fn unknown(run: Arc<RunInner>, error: ToolError) -> Self {
        let told = async move {
            observe::unknown_tool(&run);
            Err(error)
        };
        Self::new("(unknown)", Box::pin(told))
    }
}

impl Future for ToolCall {
    type Output = Result<ToolOutput, ToolError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let action = self.action;
        let result = self.running.poll(cx);
        result
            .map(|result| result.unwrap_or_else(|panicked| Err(ToolError::of(panicked.stop(action), action))))
    }
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall").field("action", &self.action).finish_non_exhaustive()
    }
}

/// The object-safe twin of [`Action`]. One function, because it is compiled for each action.
pub(super) trait CallInJson: Send + Sync {
    fn call_in_json(
        self: Arc<Self>,
        run: Arc<RunInner>,
        input: Value,
        settings: CallSettings,
    ) -> BoxFuture<'static, ToolResult>;
}

impl<A: Action> CallInJson for A {
    fn call_in_json(
        self: Arc<Self>,
        run: Arc<RunInner>,
        input: Value,
        settings: CallSettings,
    ) -> BoxFuture<'static, ToolResult> {
        let kept = const { may_repeat::<A>() }.then(|| Box::new(input.clone()));
        Box::pin(execute(InJson { action: self, kept }, run, input, settings))
    }
}

/// Whether calls of an action may be repeated with a newer credential (SEMANTICS O8). It must not matter that it was called
/// twice, and only connections have something newer: other calls need not keep their input.
const fn may_repeat<A: Action>() -> bool {
    let mut requirements = A::REQUIREMENTS;
    let mut renews = false;
    while let [first, rest @ ..] = requirements {
        renews = renews || matches!(first.kind(), CredentialKind::OauthManaged);
        requirements = rest;
    }
    renews && (A::ANNOTATIONS.read_only || A::ANNOTATIONS.idempotent)
}

/// The form of a call in JSON.
struct InJson<A> {
    action: Arc<A>,
    /// The input, if the call may be repeated.
    kept: Option<Box<Value>>,
}

/// What a call is repeated with.
struct Again {
    tool: Arc<dyn CallInJson>,
    input: Value,
}

impl<A: Action> CallForm for InJson<A> {
    type Input = Value;
    type Decoded = A::Input;
    type Given = Result<A::Output, A::Error>;
    type Output = ToolResult;

    const ACTION: &'static ActionFacts = &facts_of::<A>();

    #[inline]
    fn decode(input: Value) -> Result<A::Input, InvalidInput> {
        A::CODEC.decoded(input)
    }

    #[inline]
    fn call(&self, input: A::Input, lent: &Invocation) -> impl Future<Output = Self::Given> + Send {
        self.action.execute(input, lent)
    }

    #[inline]
    fn leave(self, given: Self::Given, lent: Invocation) -> Leaving<ToolResult> {
        match given {
            Ok(mut output) => {
                let encoded = (A::CODEC.encode)(&mut output, lent.run().runtime.longest_output());
                if let Err(Unwritten::TooDeep) = encoded {
                    put_down(A::SLUG, Box::new(output));
                }
                leave(A::SLUG, encoded, lent)
            }
            Err(error) => {
                let Self { action, kept } = self;
                fail(
                    A::SLUG,
                    (A::CODEC.fail)(error),
                    lent,
                    kept.map(|input| Again { tool: action, input: *input }),
                )
            }
        }
    }

    #[cold]
    fn stopped(stop: Stop) -> ToolResult {
        Err(ToolError::of(stop, A::SLUG))
    }
}

/// The result of searching an output.
enum Searched {
    Done(ToolResult),
    /// There is so much of it that others get a turn meanwhile, or there is content.
    Much(Value, Option<Box<GivenContent>>),
}

/// E6 of an output in JSON, which holds whatever secrets the action put there, or of why it can't be encoded. Of no types, so
/// it is compiled once for all actions.
fn leave(
    action: &'static str,
    encoded: Result<Encoded, Unwritten>,
    mut lent: Invocation,
) -> Leaving<ToolResult> {
    match search(action, encoded, &lent) {
        Searched::Done(result) => {
            end(action, &result, &mut lent);
            Leaving::Done(result)
        }
        Searched::Much(json, content) => {
            Leaving::Waits(Box::pin(search_in_slices(action, json, content, lent)))
        }
    }
}

/// E6 of an error of the action's own.
#[cold]
fn fail(
    action: &'static str,
    failure: Failure,
    mut lent: Invocation,
    again: Option<Again>,
) -> Leaving<ToolResult> {
    match lent.rejected_by(&failure) {
        Some(rejected) => Leaving::Waits(Box::pin(after_rejection(action, failure, rejected, lent, again))),
        None => {
            let result = Err(failed(action, failure, &lent));
            end(action, &result, &mut lent);
            Leaving::Done(result)
        }
    }
}

fn failed(action: &'static str, failure: Failure, lent: &Invocation) -> ToolError {
    // What it fails with is the consequence.
    if lent.run().cancellation.is_cancelled() {
        return ToolError::Cancelled { action };
    }
    ToolError::Failed { action, failure: lent.scrub(action, failure) }
}

/// A third party refused a credential of the call: repeats it, once, if there is a newer value and it may be repeated
/// (SEMANTICS O8).
async fn after_rejection(
    action: &'static str,
    mut failure: Failure,
    rejected: Acquired,
    mut lent: Invocation,
    again: Option<Again>,
) -> ToolResult {
    let outcome = lent.tell_store(action, &rejected).await;
    let is_renewed = outcome.as_ref().is_some_and(|outcome| outcome.is_renewed);
    if let Some(outcome) = outcome {
        failure.set_rejection_outcome(outcome);
    }
    let first = failed(action, failure, &lent);
    let Some(Again { tool, input }) = again.filter(|_| is_renewed && !lent.is_repeated()) else {
        let result = Err(first);
        end(action, &result, &mut lent);
        return result;
    };
    lent.failed(action, observe::REPEATED);
    let (run, lent) = lent.into_parts();
    let settings = CallSettings::of_second_attempt(FirstAttempt { lent, rejected: rejected.held });
    match tool.call_in_json(run, input, settings).await {
        // The function was entered once, so what it said stands, with what is in the way of another try.
        Err(ToolError::Resolve(errors)) => Err(first.with_rejection_outcome(RejectionOutcome {
            is_renewed: false,
            is_retryable: are_retryable(&errors),
            fix: joined(&errors, ResolveError::fix),
        })),
        Err(ToolError::InvalidInput { .. }) => Err(first),
        second => second,
    }
}

/// Lets the observers know how a call ended.
fn end(action: &'static str, result: &ToolResult, lent: &mut Invocation) {
    match result {
        Ok(_) => lent.observed.succeeded(),
        Err(error) => lent.failed(action, error.code()),
    }
}

/// Removes the secrets that the action was lent from what it gave (SEMANTICS E6).
fn search(action: &'static str, encoded: Result<Encoded, Unwritten>, lent: &Invocation) -> Searched {
    Searched::Done(match encoded {
        Ok(Encoded { json, glance, content }) => {
            match AtAGlance::of(json, glance, || content.is_some() || lent.may_be_a_number()) {
                AtAGlance::Clean(json) => Ok(ToolOutput::new(json, None)),
                // It would be long until it is searched, and it took long to write.
                AtAGlance::Much(_) if lent.run().cancellation.is_cancelled() => {
                    Err(ToolError::Cancelled { action })
                }
                AtAGlance::Little(json) if content.is_none() => {
                    Ok(ToolOutput::new(lent.scrub_value(action, json), None))
                }
                AtAGlance::Little(json) | AtAGlance::Much(json) => return Searched::Much(json, content),
            }
        }
        Err(unwritten) => Err(match unwritten {
            Unwritten::Problem(problem) => {
                ToolError::Output { action, problem: lent.scrub(action, problem), fix: FIX_OUTPUT }
            }
            Unwritten::Misfit(Misfit { problem, fix }) => {
                ToolError::Output { action, problem: lent.scrub(action, problem), fix }
            }
            Unwritten::TooLarge => ToolError::TooLarge { action, most: lent.run().runtime.longest_output() },
            Unwritten::TooDeep => ToolError::TooDeep { action },
        }),
    })
}

#[cold]
async fn search_in_slices(
    action: &'static str,
    json: Value,
    content: Option<Box<GivenContent>>,
    mut lent: Invocation,
) -> ToolResult {
    let result = match lent.scrub_in_slices(action, json, content).await {
        Some((json, content)) => Ok(ToolOutput::new(json, content)),
        None => Err(ToolError::Cancelled { action }),
    };
    end(action, &result, &mut lent);
    result
}
