//! What an action may know of the run that calls it: an [`ActionContext`]. It holds no runtime and no run, so an
//! action can't call another one through it (SEMANTICS §2).

use std::fmt;
use std::sync::Arc;

use crate::cancel::Cancellation;
use crate::facts::RunFacts;
use crate::runtime::Runtime;

/// What a run holds; an implementation detail of [`AnyRun`](crate::AnyRun).
#[doc(hidden)]
#[derive(Clone)]
pub struct RunInner {
    pub(crate) runtime: Runtime,
    pub(crate) facts: Arc<RunFacts>,
    pub(crate) cancellation: Cancellation,
    pub(crate) progress: Option<Listener>,
}

/// What the author's `&ActionContext` parameter lends.
#[derive(Clone)]
pub struct ActionContext {
    run: Arc<RunInner>,
    idempotency_key: Option<Arc<str>>,
}

impl ActionContext {
    pub(crate) const fn new(run: Arc<RunInner>, idempotency_key: Option<Arc<str>>) -> Self {
        Self { run, idempotency_key }
    }

    /// The run's id, organization, project, user, origin and consumer.
    pub fn run(&self) -> &RunFacts {
        &self.run.facts
    }

    /// The user the run acts for, if it has one.
    pub fn user(&self) -> Option<&str> {
        self.run.facts.user.as_deref()
    }

    /// The token that ends this call. An action that holds a resource may watch it; one that does not is dropped.
    pub fn cancellation(&self) -> &Cancellation {
        &self.run.cancellation
    }

    /// A key that is the same for every attempt of the same call, if the caller gave one: for services that
    /// take such a key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// State that the application shares with its actions ([`Runtime::with_state`](crate::Runtime::with_state)),
    /// such as an HTTP client. `None` if it shares no `T`.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.run.runtime.state().get()
    }

    /// Tells the caller how far this is, if the caller listens: `done` of `total`, in whatever unit the message tells.
    pub fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        if let Some(listener) = &self.run.progress {
            listener(Progress { done, total, message });
        }
    }
}

impl fmt::Debug for ActionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActionContext").field(&self.run.facts).finish()
    }
}

/// How far a call is, as its action tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// So much is done.
    pub done: u64,
    /// Of so much, if known.
    pub total: Option<u64>,
    /// What is going on.
    pub message: &'a str,
}

/// Who listens to progress.
pub(crate) type Listener = Arc<dyn Fn(Progress<'_>) + Send + Sync>;
