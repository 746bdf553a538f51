//! Typed actions: what `#[action]` implements, and how one is made by hand.

use std::any::{Any, TypeId};
use std::future::Future;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::declare::failure::{Failure, InvalidInput};
use crate::declare::requirement::{Held, Requirement};
use crate::declare::scope::{Need, PinFor, PinOver, PinScope, ScopePin, Unpinned};
use crate::execute::acquire::{ActionFacts, Credentials, report_redactions};
use crate::execute::call::{Call, Stop};
use crate::execute::context::ActionContext;
use crate::execute::observe::Observed;
use crate::json::input;
use crate::json::output::{self, Encoded, Unwritten};
use crate::json::schema::{Side, root_schema};
use crate::redact::{Redactor, Scrub, Scrubbed};
use crate::run::runtime::RunInner;
use crate::run::{AnyRun, RunFor};

/// What the model and the client are told of an action beside its schema.
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
/// It is not dyn compatible: its input, output and error are types of its own, and `.run` and `.scope` give values of it. For
/// a list of different actions use a [`Toolset`](crate::Toolset), which calls them in JSON; for one that is not known yet, a
/// generic function: `fn f<A: Action, R: RunFor<A::Need>>(action: A, run: &R, input: A::Input)`.
///
/// The associated types carry no serde bounds: [`Codec`] does, so that a type that misses one is one error where it
/// is written, and none where the action is used.
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
    /// What clients are told of it.
    const ANNOTATIONS: Annotations = Annotations { read_only: false, destructive: false, idempotent: false };
    /// The credentials it declares.
    const REQUIREMENTS: &'static [Requirement];
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
    const CODEC: Codec<A::Input, A::Output, A::Error> = A::CODEC;

    fn execute(
        &self,
        input: Self::Input,
        lent: &Invocation,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send {
        self.action.execute(input, lent)
    }
}

/// What an action is lent for one execution: its credentials and the context.
pub struct Invocation {
    acquired: Credentials,
    context: ActionContext,
    pub(crate) observed: Observed,
}

impl Invocation {
    pub(crate) const fn new(acquired: Credentials, context: ActionContext, observed: Observed) -> Self {
        Self { acquired, context, observed }
    }

    /// The context of the call.
    pub const fn context(&self) -> &ActionContext {
        &self.context
    }

    /// The credential of type `C` (or `Pinned<C, S>`), if the action's [`REQUIREMENTS`](Action::REQUIREMENTS) have it.
    pub fn credential<C: 'static>(&self) -> Option<&C> {
        self.acquired.iter().find_map(|acquired| acquired.held.downcast())
    }

    /// What a parameter `&T` is lent: a credential or the context.
    pub(crate) fn find<T: 'static>(&self) -> Option<&T> {
        if TypeId::of::<T>() == TypeId::of::<ActionContext>() {
            return (&self.context as &dyn Any).downcast_ref();
        }
        self.credential()
    }

    /// Without the secrets that are lent; reports what was removed.
    pub(crate) fn scrub<T: Scrub>(&self, action: &str, thing: T) -> Scrubbed<T> {
        let mut secrets = self.secrets();
        let scrubbed = secrets.scrub(thing);
        self.report(action, &secrets);
        scrubbed
    }

    /// The same of a value that can be searched in one go.
    pub(crate) fn scrub_value(&self, action: &str, json: Value) -> Scrubbed<Value> {
        let mut secrets = self.secrets();
        let scrubbed = secrets.scrub_value(json);
        self.report(action, &secrets);
        scrubbed
    }

    /// The same of a large one; `None` if the call is cancelled meanwhile.
    pub(crate) async fn scrub_in_slices(&self, action: &str, json: Value) -> Option<Scrubbed<Value>> {
        let mut secrets = self.secrets();
        let scrubbed = secrets.scrub_in_slices(json, &self.run().cancellation).await;
        self.report(action, &secrets);
        scrubbed
    }

    fn secrets(&self) -> Redactor {
        Redactor::of(self.held())
    }

    fn held(&self) -> impl Iterator<Item = &Held> + Clone {
        self.acquired.iter().map(|acquired| &acquired.held)
    }

    fn report(&self, action: &str, secrets: &Redactor) {
        report_redactions(self.run(), action, self.held(), secrets.found());
    }

    /// The run of the call.
    pub(crate) fn run(&self) -> &RunInner {
        self.context.shared()
    }

    /// The call gave nothing, after it was lent this; `code` is that of its error.
    #[cold]
    pub(crate) fn failed(&mut self, action: &'static str, code: &'static str) {
        self.observed.failed(self.context.shared(), action, code);
    }

    /// The call was cancelled while it ran.
    #[cold]
    pub(crate) fn cancelled(&mut self, action: &'static str) -> Stop {
        self.failed(action, "cancelled");
        Stop::Cancelled
    }

    /// Whether a number may show one of the secrets that are lent.
    pub(crate) fn may_be_a_number(&self) -> bool {
        self.acquired.iter().any(|acquired| acquired.held.may_be_a_number())
    }
}

/// How an action's input, output and error cross into JSON: function pointers, so that [`Action`]'s associated
/// types need no bounds.
pub struct Codec<I, O, E> {
    pub(crate) decode: Decode<I>,
    pub(crate) check: Option<Check<I>>,
    pub(crate) encode: Encode<O>,
    pub(crate) input_schema: fn() -> Schema,
    pub(crate) output_schema: fn() -> Schema,
    pub(crate) fail: fn(E) -> Failure,
    pub(crate) describe: Describe<E>,
}

impl<I, O, E> Codec<I, O, E>
where
    I: DeserializeOwned + JsonSchema,
    O: Serialize + DeserializeOwned + JsonSchema,
    E: Into<Failure> + std::fmt::Display,
{
    /// The codec of serde and schemars.
    pub const fn new() -> Self {
        Self {
            decode: input::read::<I>,
            check: None,
            encode: output::write::<O>,
            input_schema: input_schema_of::<I>,
            output_schema: output_schema_of::<O>,
            fail: Into::into,
            describe: Describe { texts: display::<E>, is_chain: false },
        }
    }
}

impl<I, O, E> Default for Codec<I, O, E>
where
    I: DeserializeOwned + JsonSchema,
    O: Serialize + DeserializeOwned + JsonSchema,
    E: Into<Failure> + std::fmt::Display,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<I, O, E> Codec<I, O, E> {
    /// The same, with a check of the input before any credential is resolved (SEMANTICS E1). The text of an error
    /// names the field.
    #[must_use]
    pub const fn with_check(mut self, check: fn(&I) -> Result<(), InvalidInput>) -> Self {
        self.check = Some(check);
        self
    }

    /// The same, with the texts of an error and its sources given by `describe`, outermost first.
    #[must_use]
    pub const fn with_texts(mut self, describe: fn(&E) -> Vec<String>) -> Self {
        self.describe = Describe { texts: describe, is_chain: false };
        self
    }

    /// For an action that does not compile and never runs.
    #[doc(hidden)]
    pub const fn none() -> Self {
        Self::from_parts(
            (|_, _| Err(InvalidInput::new("")), Schema::default),
            (|_, _| Err(Unwritten::Problem(String::new())), Schema::default),
            (|_| Failure::new(""), Describe { texts: |_| Vec::new(), is_chain: false }),
        )
    }

    #[doc(hidden)]
    pub const fn from_parts(input: InputParts<I>, output: OutputParts<O>, error: ErrorParts<E>) -> Self {
        Self {
            decode: input.0,
            check: None,
            encode: output.0,
            input_schema: input.1,
            output_schema: output.1,
            fail: error.0,
            describe: error.1,
        }
    }
}

/// A check of an input.
type Check<I> = fn(&I) -> Result<(), InvalidInput>;
/// A decoder of an input, which may ask for its schema.
type Decode<I> = fn(Value, fn() -> Schema) -> Result<I, InvalidInput>;
/// Decoder and schema of an input.
pub(crate) type InputParts<I> = (Decode<I>, fn() -> Schema);
/// Encodes an output, in at most so many bytes.
type Encode<O> = fn(&O, usize) -> Result<Encoded, Unwritten>;
/// Encoder and schema of an output.
pub(crate) type OutputParts<O> = (Encode<O>, fn() -> Schema);
/// What an error becomes, and its texts.
pub(crate) type ErrorParts<E> = (fn(E) -> Failure, Describe<E>);

/// How an action's own error is told to the caller that gets it.
#[doc(hidden)]
pub struct Describe<E> {
    /// Its text and those of its sources, outermost first.
    pub(crate) texts: fn(&E) -> Vec<String>,
    /// Whether the first of them is what a model is told: so it is of every `std::error::Error`.
    pub(crate) is_chain: bool,
}

impl<E: 'static> Describe<E> {
    /// The texts for the operator, and that for the model where it is known before the error has become a [`Failure`].
    pub(crate) fn texts(&self, error: &E) -> (Vec<String>, Option<String>) {
        let texts = (self.texts)(error);
        let failure = (error as &dyn Any).downcast_ref::<Failure>();
        let model = failure.map(|failure| failure.model().to_owned());
        let model = model.or_else(|| texts.first().filter(|_| self.is_chain).cloned());
        (texts, model)
    }
}

pub(crate) fn input_schema_of<T: JsonSchema>() -> Schema {
    root_schema(T::json_schema, &T::schema_name(), Side::Input)
}

pub(crate) fn output_schema_of<T: JsonSchema>() -> Schema {
    root_schema(T::json_schema, &T::schema_name(), Side::Output)
}

fn display<E: std::fmt::Display>(error: &E) -> Vec<String> {
    vec![error.to_string()]
}

impl ActionFacts {
    pub(crate) const fn of<A: Action>() -> Self {
        Self { slug: A::SLUG, pin: <A::Pin as ScopePin>::SCOPE, requirements: A::REQUIREMENTS }
    }
}
