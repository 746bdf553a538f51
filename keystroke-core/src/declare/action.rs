//! Typed actions: what `#[action]` implements, and how one is made by hand.
//!
//! [`Action`] and [`Call`] are one idea in two files and name each other: an action makes calls, and a call is one of an
//! action. Nothing else of this crate is tied to both.

use std::future::Future;

use crate::declare::requirement::Requirement;
use crate::declare::scope::{Need, PinFor, PinOver, PinScope, ScopePin, Unpinned};
use crate::execute::call::Call;
use crate::execute::execution::ActionFacts;
use crate::execute::invocation::Invocation;
use crate::json::codec::Codec;
use crate::run::actor::{AnyRun, RunFor};
use crate::run::state::StateRequirement;

/// Hints about an action, for the model and the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: bool,
    /// It may destroy something.
    pub destructive: bool,
    /// Doing it twice is like doing it once.
    pub idempotent: bool,
}

/// A typed action: an async function with a typed input and output, and the credentials that it declares.
///
/// `#[action]` implements it. By hand:
///
/// ```
/// # mod keystroke { pub use keystroke_core::*; pub use keystroke_core as declare; }
/// use keystroke::declare::{Codec, Invocation, Requirement};
/// use keystroke::scope::{NoUser, Unpinned};
/// use keystroke::{Action, Failure};
///
/// struct Double;
///
/// impl Action for Double {
///     type Input = std::collections::BTreeMap<String, i64>;
///     type Output = i64;
///     type Error = Failure;
///     type Pin = Unpinned;
///     type CredentialPins = Unpinned;
///     type Need = NoUser;
///     const SLUG: &'static str = "double";
///     const DESCRIPTION: &'static str = "Doubles `n`.";
///     const REQUIREMENTS: &'static [Requirement] = &[];
///     const CODEC: Codec<Self::Input, i64, Failure> = Codec::new();
///
///     async fn execute(&self, input: Self::Input, _lent: &Invocation) -> Result<i64, Failure> {
///         input.get("n").map(|n| n * 2).ok_or_else(|| Failure::new("`n` is missing"))
///     }
/// }
/// ```
///
/// It is not dyn compatible: each action has its own input, output and error types. For a list of different actions use a
/// [`Toolset`](crate::Toolset), which calls them in JSON; for an action chosen by the caller, a generic function: `fn f<A: Action, R: RunFor<A::Need>>(action: A, run: &R, input: A::Input)`.
///
/// The associated types carry no serde bounds, [`Codec`] does: so a type without one is a single error where it is
/// written, and none where the action is used.
#[diagnostic::on_unimplemented(
    message = "this is not an action",
    label = "not an action",
    note = "for a function `search` with `#[action]`, write `Search`; without it, put `#[action(slug = \"search\")]` on the function"
)]
pub trait Action: Sized + Send + Sync + 'static {
    /// What it takes; `()` if nothing.
    type Input: Send + 'static;
    /// What it gives.
    type Output: Send + 'static;
    /// Its own error.
    type Error: Send + 'static;
    /// Its pin, or that of a use of it.
    type Pin: ScopePin;
    /// The pins of its credentials where `Pin` is none: one of the scopes, `Unpinned` or `Mixed`.
    type CredentialPins: 'static;
    /// Whether it needs a user (SEMANTICS P3).
    type Need: Need;
    /// Its stable identity: what assignments and journals refer to.
    const SLUG: &'static str;
    /// What people call it.
    const NAME: &'static str = Self::SLUG;
    /// What it does, for the model that chooses among tools.
    const DESCRIPTION: &'static str;
    /// Hints for clients.
    const ANNOTATIONS: Annotations = Annotations { read_only: false, destructive: false, idempotent: false };
    /// The credentials it declares.
    const REQUIREMENTS: &'static [Requirement];
    /// The state that it takes: a call is refused where its runtime does not share all of it (SEMANTICS E0). An action that
    /// wraps another one passes its `STATE` on.
    const STATE: &'static [StateRequirement] = &[];
    /// How input, output and error cross into JSON.
    const CODEC: Codec<Self::Input, Self::Output, Self::Error>;

    /// Runs the function. Only the runtime calls this: [`Invocation`] has no public constructor.
    fn execute(
        &self,
        input: Self::Input,
        lent: &Invocation,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// A call with these credentials, which starts when it is first polled.
    fn run<R: AnyRun + RunFor<Self::Need>>(
        self,
        run: &R,
        input: Self::Input,
    ) -> Call<Self, R::Actor, Self::Pin> {
        Call::new(self, run, input)
    }

    /// This action, pinned to a scope for one use (SEMANTICS P1, P2).
    fn scope<S>(self, scope: S) -> Scoped<Self, S>
    where
        S: PinScope + PinFor<Self::Pin> + PinOver<Self::CredentialPins>,
    {
        Scoped { action: self, scope }
    }
}

/// An action pinned to a scope for one use: `Search.scope(User)`. It is an action itself.
#[derive(Clone, Copy, Debug)]
pub struct Scoped<A, S> {
    action: A,
    scope: S,
}

impl<A, S: ScopePin> Scoped<A, S> {
    /// The scope.
    pub const fn pin(&self) -> S {
        self.scope
    }
}

impl<A: Action, S: ScopePin> Action for Scoped<A, S> {
    type Input = A::Input;
    type Output = A::Output;
    type Error = A::Error;
    type Pin = S;
    // All credentials agree with `S`, or `.scope(S)` would not have compiled.
    type CredentialPins = Unpinned;
    type Need = S::NeedOver<A::Need>;
    const SLUG: &'static str = A::SLUG;
    const NAME: &'static str = A::NAME;
    const DESCRIPTION: &'static str = A::DESCRIPTION;
    const ANNOTATIONS: Annotations = A::ANNOTATIONS;
    const REQUIREMENTS: &'static [Requirement] = A::REQUIREMENTS;
    const STATE: &'static [StateRequirement] = A::STATE;
    const CODEC: Codec<A::Input, A::Output, A::Error> = A::CODEC;

    fn execute(
        &self,
        input: Self::Input,
        lent: &Invocation,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send {
        self.action.execute(input, lent)
    }
}

/// What the runtime needs of an action, without its types.
pub(crate) const fn facts_of<A: Action>() -> ActionFacts {
    ActionFacts {
        slug: A::SLUG,
        pin: <A::Pin as ScopePin>::SCOPE,
        requirements: A::REQUIREMENTS,
        state: A::STATE,
    }
}
