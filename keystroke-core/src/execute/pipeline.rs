//! One call from end to end: E0 to E6 of SEMANTICS §2, in [`execute`] and in this order for every kind of call.
//!
//! What differs between a typed call and one in JSON is its [`CallForm`]. No step goes back to an earlier one (a call that is
//! repeated with a newer credential, SEMANTICS O8, goes through all of them a second time), and all that needs no type of the action is a plain function elsewhere: this one is compiled for each action.
//!
//! A call that is a durable step of a workflow goes the same way, and its seam is here: its identity is taken when the
//! call is made, before this runs; after E1 it looks into its journal, and returns what that has; after E3 and before E4
//! it notes that it started; after E4 it records what was given.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use super::acquire::{Lent, lend};
use super::execution::{ActionFacts, CallSettings, Stop};
use super::invocation::Invocation;
use super::observe::Observed;
use super::run_function::Entered;
use crate::declare::failure::InvalidInput;
use crate::run::runtime::RunInner;
use crate::store::BoxFuture;

/// In what form a call of an action takes its input, and in what form its output leaves.
pub(crate) trait CallForm: Sized + Send + Sync {
    /// What the caller gives.
    type Input: Send;
    /// What the function takes.
    type Decoded: Send;
    /// What the function gives: its output, or an error of its own.
    type Given: Send;
    /// What the caller gets.
    type Output: Send;

    const ACTION: &'static ActionFacts;

    /// E1: decodes the input and checks it.
    fn decode(input: Self::Input) -> Result<Self::Decoded, InvalidInput>;

    /// E4: the action's function.
    fn call(&self, input: Self::Decoded, lent: &Invocation) -> impl Future<Output = Self::Given> + Send;

    /// E5 and E6: encodes what was given, and removes the secrets that were lent from what leaves.
    fn leave(self, given: Self::Given, lent: Invocation) -> Leaving<Self::Output>;

    /// What the caller gets where an earlier step ended the call.
    fn stopped(stop: Stop) -> Self::Output;
}

/// What leaves of a call.
pub(crate) enum Leaving<T> {
    Done(T),
    /// There is so much of it that others get a turn while it is searched, or the store is asked for a credential in the
    /// place of one that was refused.
    Waits(BoxFuture<'static, T>),
}

/// Takes a call through all its steps.
#[expect(
    clippy::manual_async_fn,
    reason = "what an async fn takes has its place in the future twice; see `Call`"
)]
pub(crate) fn execute<F: CallForm>(
    form: F,
    run: Arc<RunInner>,
    input: F::Input,
    settings: CallSettings,
) -> impl Future<Output = F::Output> + Send {
    async move {
        let mut observed = Observed::begin(&run, F::ACTION.slug);

        // E0. Before the input is looked at: no other input would mend it.
        if let Some(missing) = F::ACTION.missing_state(&run.runtime) {
            return F::stopped(observed.stopped(&run, F::ACTION.slug, Stop::State(missing)));
        }

        // E1. No store has been asked for anything yet.
        let input = match F::decode(input) {
            Ok(input) => input,
            Err(invalid) => {
                return F::stopped(observed.stopped(&run, F::ACTION.slug, Stop::Input(invalid)));
            }
        };

        // E2 and E3.
        let mut lent = match lend(run, F::ACTION, settings, observed) {
            Lent::Done(lent) => lent,
            Lent::Stopped(stop) => return F::stopped(stop),
            Lent::Waits(waits) => match waits.await {
                Ok(lent) => lent,
                Err(stop) => return F::stopped(stop),
            },
        };

        // E4.
        let mut given = None;
        {
            let function = pin!(Some(async { given = Some(form.call(input, &lent).await) }));
            Entered::new(&lent, function).await;
        }
        let Some(given) = given else { return F::stopped(lent.cancelled(F::ACTION.slug)) };

        // E5 and E6.
        match form.leave(given, lent) {
            Leaving::Done(output) => output,
            Leaving::Waits(output) => output.await,
        }
    }
}
