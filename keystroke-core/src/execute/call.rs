//! One call of an action: [`Call`], and the execution behind it (SEMANTICS §2, E1–E4).

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::ops::DerefMut;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::Serialize;

use crate::declare::action::{Action, Invocation};
use crate::declare::scope::{PinFor, PinOver, PinScope};
use crate::execute::acquire::{Acquiring, ActionFacts, CallSettings, acquire, explain};
use crate::execute::action_error::{ActionError, Cause, Own};
use crate::execute::context::{ActionContext, Lending};
use crate::execute::observe::Observed;
use crate::execute::panic::{Guarded, Panicked, guarded};
use crate::resolve::error::ResolveError;
use crate::resolve::trace::Resolution;
use crate::run::runtime::RunInner;
use crate::run::{AnyRun, PinIn};
use crate::store::BoxFuture;
use crate::store::instance::InstanceId;

/// A call of an action: a future that starts when it is first polled. Await it, or spawn it: it holds its own handle to
/// the run. What is set on it has to be set before that.
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
    /// Boxed, so that a call of whatever action is small to move until it starts. What is in the box is kept small
    /// too: below a kilobyte it costs a fraction to allocate.
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
        self.settings.selections.push((key.into(), id.into()));
        self
    }

    /// Gives the action a key that is the same for every attempt of this call.
    pub fn idempotency_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.settings.idempotency_key = Some(key.into());
        self
    }

    /// The resolutions that this call would make now: touches no secret, records nothing, starts nothing.
    pub fn explain(&self) -> impl Future<Output = Explanation> + Send + use<A, R, P> {
        let (run, settings) = (Arc::clone(&self.run), self.settings.clone());
        async move { Explanation(explain(&run, ActionFacts::of::<A>(), &settings).await) }
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
            this.state = State::Started(Guarded::new(Box::pin(called(action, run, input, settings))));
        }
        let State::Started(running) = &mut this.state else { return Poll::Pending };
        running.poll(cx).map(|ended| match ended {
            Ok(ended) => ended,
            Err(panicked) => Err(ActionError::new(A::SLUG, Stop::of(A::SLUG, panicked).into())),
        })
    }
}

#[expect(
    clippy::manual_async_fn,
    reason = "what an async fn takes has its place in the future twice; see `Call`"
)]
fn called<A: Action>(
    action: A,
    run: Arc<RunInner>,
    input: A::Input,
    settings: CallSettings,
) -> impl Future<Output = Called<A>> + Send {
    async move {
        let mut observed = Observed::begin(&run, A::SLUG);
        if let Some(check) = A::CODEC.check
            && let Err(invalid) = check(&input)
        {
            let error = ActionError::new(A::SLUG, Cause::Input(invalid));
            observed.failed(&run, A::SLUG, error.code());
            return Err(error);
        }
        match execute!(A: action, run, input, &settings, observed) {
            Ok((Ok(output), mut lent)) => {
                lent.observed.succeeded();
                Ok(output)
            }
            Ok((Err(error), lent)) => Err(failed::<A>(error, lent)),
            Err(stop) => Err(ActionError::new(A::SLUG, stop.into())),
        }
    }
}

#[cold]
fn failed<A: Action>(error: A::Error, mut lent: Invocation) -> ActionError<A::Error> {
    let told = lent.scrub(A::SLUG, A::CODEC.describe.texts(&error));
    let error = ActionError::new(A::SLUG, Own::new(error, told).cause(lent.run()));
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

/// The resolutions of a call, one for each credential; `Display` is a line each.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Explanation(pub(crate) Vec<Resolution>);

impl Explanation {
    /// One resolution for each credential of the action.
    pub fn resolutions(&self) -> &[Resolution] {
        &self.0
    }

    /// Whether all of them chose an instance.
    pub fn is_resolved(&self) -> bool {
        self.0.iter().all(|resolution| resolution.result().is_ok())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, resolution) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            resolution.fmt(f)?;
        }
        Ok(())
    }
}

/// Why an execution gave nothing.
pub(crate) enum Stop {
    Resolve(Vec<ResolveError>),
    Panicked(Option<String>),
    Cancelled,
}

impl Stop {
    /// Logs a panic on the way.
    pub(crate) fn of(action: &'static str, Panicked(at): Panicked) -> Self {
        tracing::error!(action, at, "a call of an action panicked");
        Self::Panicked(at)
    }
}

impl<E> From<Stop> for Cause<E> {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Resolve(errors) => Self::Resolve(errors),
            Stop::Panicked(at) => Self::Panicked(at),
            Stop::Cancelled => Self::Cancelled(None),
        }
    }
}

/// E2 to E4: resolves, opens and validates all credentials, then runs the function of an action (`execute!(Type: value, …)`)
/// with them, and is watched meanwhile. Comes to what the function gave, with what it was lent: the secrets that must be kept out of what leaves.
///
/// For an async block. A macro, because an async function is a future of its own within that of its caller, to be moved
/// with it and compiled for each action; what of it needs no type of the action is in functions.
macro_rules! execute {
    ($type:ty: $action:expr, $run:expr, $input:expr, $settings:expr, $observed:expr) => {
        match $crate::execute::call::lend(
            $run,
            $crate::execute::acquire::ActionFacts::of::<$type>(),
            $settings,
            $observed,
        )
        .await
        {
            Err(stop) => Err(stop),
            Ok(mut lent) => {
                let mut given = None;
                {
                    let function =
                        std::pin::pin!(Some(async { given = Some($action.execute($input, &lent).await) }));
                    $crate::execute::call::run_with(&lent, function).await;
                }
                match given {
                    Some(given) => Ok((given, lent)),
                    None => Err(lent.cancelled(<$type>::SLUG)),
                }
            }
        }
    };
}
pub(crate) use execute;

/// What a call is lent.
pub(crate) async fn lend(
    run: Arc<RunInner>,
    action: ActionFacts,
    settings: &CallSettings,
    mut observed: Observed,
) -> Result<Invocation, Stop> {
    if run.cancellation.is_cancelled() {
        return Err(observed.stopped(&run, action.slug, Stop::Cancelled));
    }
    let acquired = match observed.within(|| acquire(&run, action, settings)) {
        Acquiring::Done(acquired) => acquired,
        Acquiring::Waits(mut acquiring) => {
            let acquiring = poll_fn(|cx| observed.within(|| acquiring.as_mut().poll(cx)));
            match unless_cancelled(&run, pin!(acquiring)).await {
                Some(acquired) => acquired,
                None => return Err(observed.stopped(&run, action.slug, Stop::Cancelled)),
            }
        }
    };
    let acquired = match acquired {
        Ok(acquired) => acquired,
        Err(errors) => return Err(observed.stopped(&run, action.slug, Stop::Resolve(errors))),
    };
    observed.lent(&acquired);
    let lending = match run.progress {
        Some(_) => Lending::new(acquired.iter().map(|acquired| acquired.held.clone()).collect()),
        None => Lending::default(),
    };
    let context = ActionContext::new(run, action.slug, settings.idempotency_key.clone(), lending);
    Ok(Invocation::new(acquired, context, observed))
}

/// Runs the function to its end, or until the run is cancelled.
pub(crate) async fn run_with(lent: &Invocation, mut function: Pin<&mut dyn Running>) {
    let _ended = EndOf(lent.context().lending());
    let running = poll_fn(|cx| lent.observed.within(|| function.as_mut().go_on(cx)));
    if unless_cancelled(lent.run(), pin!(running)).await.is_none() {
        // A panic in what it drops does not undo that the call was cancelled.
        let _ = guarded(|| function.drop_in_place());
    }
}

/// Author's code that runs in its place, as long as it is there.
pub(crate) trait Running: Send {
    fn go_on(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    fn drop_in_place(self: Pin<&mut Self>);
}

impl<F: Future<Output = ()> + Send> Running for Option<F> {
    fn go_on(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.as_pin_mut() {
            Some(running) => running.poll(cx),
            None => Poll::Pending,
        }
    }

    fn drop_in_place(mut self: Pin<&mut Self>) {
        self.set(None);
    }
}

/// Ends a lending also where the call is dropped halfway.
struct EndOf<'a>(&'a Lending);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What `future` comes to; `None`, and it is to be dropped, when the run is cancelled first.
async fn unless_cancelled<F: Future + ?Sized>(
    run: &RunInner,
    mut future: Pin<impl DerefMut<Target = F>>,
) -> Option<F::Output> {
    if run.cancellation.is_cancelled() {
        return None;
    }
    // Waited for only by who has to wait at all.
    let mut cancelled: Option<BoxFuture<'_, ()>> = None;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            let cancelled = cancelled.get_or_insert_with(|| Box::pin(run.cancellation.cancelled()));
            cancelled.as_mut().poll(cx).map(|()| None)
        }
    })
    .await
}
