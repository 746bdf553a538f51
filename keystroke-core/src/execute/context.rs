//! What an action may know of the run that calls it: an [`ActionContext`]. It holds no runtime and no run, so an
//! action can't call another one through it (SEMANTICS §2).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::credentials::LoadedCredential;
use super::progress::Progress;
use super::redactions::report_redactions;
use crate::redact::Redactor;
use crate::run::actor::AnyRun;
use crate::run::cancel::Cancellation;
use crate::run::facts::RunFacts;
use crate::run::runtime::RunInner;
use crate::run::state::missing::MissingState;

/// What the author's `&ActionContext` parameter lends.
#[derive(Clone)]
pub struct ActionContext {
    run: Arc<RunInner>,
    action: &'static str,
    idempotency_key: Option<Arc<str>>,
    lent: Lending,
}

/// What a call was lent, while it runs. Reports of progress leave the process, so they are scrubbed. A clone of the context
/// that outlives the call holds nothing. The default is for calls without a listener.
#[derive(Clone, Default)]
pub(crate) struct Lending(Option<Arc<Mutex<Option<Vec<LoadedCredential>>>>>);

impl Lending {
    pub(crate) fn new(held: Vec<LoadedCredential>) -> Self {
        Self(Some(Arc::new(Mutex::new(Some(held)))))
    }

    #[inline]
    pub(crate) fn end(&self) {
        if let Some(lent) = &self.0 {
            take_back(lent);
        }
    }

    /// What is lent, as long as the call runs.
    fn held(&self) -> Option<Vec<LoadedCredential>> {
        self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cold]
fn take_back<T>(lent: &Mutex<Option<T>>) {
    *lent.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

impl ActionContext {
    pub(crate) const fn new(
        run: Arc<RunInner>,
        action: &'static str,
        idempotency_key: Option<Arc<str>>,
        lent: Lending,
    ) -> Self {
        Self { run, action, idempotency_key, lent }
    }

    /// The context of a run, for calling an action's function in a test.
    pub fn of(run: &impl AnyRun) -> Self {
        Self::new(Arc::clone(run.inner()), "", None, Lending::new(Vec::new()))
    }

    pub(crate) const fn lending(&self) -> &Lending {
        &self.lent
    }

    pub(crate) const fn shared(&self) -> &Arc<RunInner> {
        &self.run
    }

    /// What the run is: its id, organization, project, user, origin and consumer. It is not the run itself, so an action
    /// can't call another one through its context.
    pub fn facts(&self) -> &RunFacts {
        &self.run.facts
    }

    /// The user the run acts for, if it has one.
    pub fn user(&self) -> Option<&str> {
        self.run.facts.user.as_deref()
    }

    /// The token that cancels this call. An action that holds a resource can watch it; the others are simply dropped.
    pub fn cancellation(&self) -> &Cancellation {
        &self.run.cancellation
    }

    /// A key that is the same for every attempt of the same call, if the caller gave one: for services that
    /// take such a key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// State that the application shares with its actions ([`Runtime::with_state`](crate::Runtime::with_state)),
    /// such as an HTTP client. `None` if it shares no `T`; if the action needs one, use
    /// [`require_state`](Self::require_state).
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.run.runtime.state().get()
    }

    /// State that this action can't work without. What it takes as a parameter, [`&State<T>`](crate::State), is known
    /// before it is called; this is for what only the function itself knows.
    ///
    /// ```
    /// # use keystroke_core as keystroke;
    /// use keystroke::{ActionContext, Failure};
    ///
    /// struct Client;
    ///
    /// fn request(cx: &ActionContext) -> Result<(), Failure> {
    ///     let client: &Client = cx.require_state()?;
    ///     # let _ = client;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// If the runtime shares no `T`. The error says where to share it, and whether the runtime has it in another wrapper:
    /// `with_state(Arc::new(client))` shares an `Arc<Client>`, which is not a `Client`.
    pub fn require_state<T: Send + Sync + 'static>(&self) -> Result<&T, MissingState> {
        self.run.runtime.state().require()
    }

    /// Reports progress to the caller, if the caller listens: `done` of `total`, in a unit that the message names.
    /// Secrets of the call are removed from the message (SEMANTICS E6), and it is cut after 64 KiB. A `total` that shows a
    /// secret is left out; a report whose `done` shows one is dropped, and so is every report after the call has ended.
    pub fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        if let Some(listener) = &self.run.progress
            && let Some(held) = self.lent.held()
        {
            let mut secrets = Redactor::of(&held);
            let message = secrets.scrub(message.to_owned());
            let total = total.and_then(|total| secrets.scrub_number(total));
            if let Some(done) = secrets.scrub_number(done) {
                listener(Progress::new(&done, total.as_ref(), &message));
            }
            report_redactions(&self.run, self.action, held.iter(), secrets.found());
        }
    }
}

impl fmt::Debug for ActionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActionContext").field(&self.run.facts).finish()
    }
}
