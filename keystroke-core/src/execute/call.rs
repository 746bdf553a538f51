//! One typed call of an action: [`Call`]. Its steps are in the [`pipeline`](super::pipeline). [`Action`] makes calls and a
//! call is of an action, so the two files name each other; they are one idea.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::action_error::{ActionError, Own};
use super::execution::{ActionFacts, CallSettings, Execution, Stop};
use super::invocation::Invocation;
use super::panic::Guarded;
use super::pipeline::{CallForm, Leaving, execute};
use crate::declare::action::{Action, facts_of};
use crate::declare::failure::{Failure, InvalidInput, RejectionOutcome};
use crate::declare::scope::{PinFor, PinOver, PinScope};
use crate::resolve::explain::{Explanation, explain};
use crate::run::actor::{AnyRun, PinIn};
use crate::run::runtime::RunInner;
use crate::store::instance::InstanceId;

/// A call of an action: a future that starts when it is first polled. Await it, or spawn it: it holds its own handle to
/// the run. Set its options before that.
///
/// `R` is who the run acts for, and `P` the pin so far.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<A: Action, R, P> {
    state: State<A>,
    run: Arc<RunInner>,
    settings: CallSettings,
    types: PhantomData<fn() -> (R, P)>,
}

enum State<A: Action> {
    /// Not polled yet.
    Ready(A, A::Input),
    /// Boxed, so that a call of any action is small to move until it starts. The box is kept small too: below a kilobyte,
    /// it costs a fraction to allocate.
    Started(Guarded<Called<A>>),
    Ended,
}

/// What a call comes to.
type Called<A> = Result<<A as Action>::Output, ActionError<<A as Action>::Error>>;

// Nothing in it is pinned in place: what runs is in a box of its own.
impl<A: Action, R, P> Unpin for Call<A, R, P> {}

impl<A: Action, R, P> Call<A, R, P> {
    pub(crate) fn new(action: A, run: &impl AnyRun, input: A::Input) -> Self {
        let run = Arc::clone(run.inner());
        Self {
            state: State::Ready(action, input),
            run,
            settings: CallSettings::default(),
            types: PhantomData,
        }
    }

    /// Pins this call (SEMANTICS P1, P2).
    pub fn scope<S>(mut self, _scope: S) -> Call<A, R, S>
    where
        S: PinScope + PinFor<P> + PinOver<A::CredentialPins> + PinIn<R, P, A::CredentialPins>,
    {
        self.settings.pin = S::SCOPE;
        let Self { state, run, settings, .. } = self;
        Call { state, run, settings, types: PhantomData }
    }

    /// Selects an instance for a key (SEMANTICS R1). The action must use the key.
    pub fn select(mut self, key: impl Into<String>, id: impl Into<InstanceId>) -> Self {
        self.settings.select(key.into(), id.into());
        self
    }

    /// Gives the action a key that is the same for every attempt of this call.
    pub fn idempotency_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.settings.set_idempotency_key(key.into());
        self
    }

    /// The resolutions that this call would make now. It touches no secret, records nothing and starts nothing.
    pub fn explain(&self) -> impl Future<Output = Explanation> + Send + use<A, R, P> {
        let (run, settings) = (Arc::clone(&self.run), self.settings.clone());
        async move { Explanation(explain(Execution::new(&run, Typed::<A>::ACTION, &settings)).await) }
    }
}

impl<A: Action, R, P> Future for Call<A, R, P> {
    type Output = Called<A>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Ready(..) = this.state
            && let State::Ready(action, input) = std::mem::replace(&mut this.state, State::Ended)
        {
            let (run, settings) = (Arc::clone(&this.run), std::mem::take(&mut this.settings));
            let call = execute(Typed(action), run, input, settings);
            this.state = State::Started(Guarded::new(Box::pin(call)));
        }
        let State::Started(running) = &mut this.state else { return Poll::Pending };
        running.poll(cx).map(|ended| match ended {
            Ok(ended) => ended,
            Err(panicked) => Typed::<A>::stopped(panicked.stop(A::SLUG)),
        })
    }
}

/// The form of a typed call: its output stays in the process, so it is neither encoded nor searched.
struct Typed<A>(A);

impl<A: Action> CallForm for Typed<A> {
    type Input = A::Input;
    type Decoded = A::Input;
    type Given = Result<A::Output, A::Error>;
    type Output = Called<A>;

    const ACTION: &'static ActionFacts = &facts_of::<A>();

    #[inline]
    fn decode(input: A::Input) -> Result<A::Input, InvalidInput> {
        A::CODEC.checked(input)
    }

    #[inline]
    fn call(&self, input: A::Input, lent: &Invocation) -> impl Future<Output = Self::Given> + Send {
        self.0.execute(input, lent)
    }

    #[inline]
    fn leave(self, given: Self::Given, mut lent: Invocation) -> Leaving<Called<A>> {
        match given {
            Ok(output) => {
                lent.observed.succeeded();
                Leaving::Done(Ok(output))
            }
            Err(error) => fail::<A>(error, lent),
        }
    }

    #[cold]
    fn stopped(stop: Stop) -> Called<A> {
        Err(ActionError::new(A::SLUG, stop.into()))
    }
}

#[cold]
fn fail<A: Action>(mut error: A::Error, lent: Invocation) -> Leaving<Called<A>> {
    let failure = (&mut error as &mut dyn Any).downcast_mut::<Failure>();
    match failure.and_then(|failure| lent.rejected_by(failure)) {
        None => Leaving::Done(Err(failed::<A>(error, lent, None))),
        Some(rejected) => Leaving::Waits(Box::pin(async move {
            let outcome = lent.tell_store(A::SLUG, &rejected).await;
            if let Some(failure) = (&mut error as &mut dyn Any).downcast_mut::<Failure>()
                && let Some(outcome) = &outcome
            {
                failure.set_rejection_outcome(outcome.clone());
            }
            Err(failed::<A>(error, lent, outcome))
        })),
    }
}

fn failed<A: Action>(
    error: A::Error,
    mut lent: Invocation,
    rejection: Option<RejectionOutcome>,
) -> ActionError<A::Error> {
    let told = lent.scrub(A::SLUG, A::CODEC.describe.texts(&error));
    let error = ActionError::new(A::SLUG, Own::new(error, told, rejection).cause(lent.run()));
    lent.failed(A::SLUG, error.code());
    error
}

impl<A: Action, R, P> fmt::Debug for Call<A, R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("action", &A::SLUG)
            .field("pin", &self.settings.pin)
            .finish_non_exhaustive()
    }
}
