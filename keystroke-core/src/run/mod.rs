//! Runs: one execution for one organization and project, with an origin and maybe a user.
//!
//! Whether a run has a user is part of its type, because an action pinned to the user scope must not compile
//! where there is none (SEMANTICS P3, P4).

pub(crate) mod cancel;
pub(crate) mod clock;
pub(crate) mod consumer;
pub(crate) mod facts;
pub(crate) mod runtime;
pub(crate) mod state;
pub(crate) mod withhold;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::declare::kind::CredentialKind;
use crate::declare::manifest::ManifestCredential;
use crate::declare::scope::{Meets, NeedsUser, NoUser, Scope, ScopePin};
use crate::execute::acquire::{explain_declared, explain_key};
use crate::execute::context::{ActionContext, Lending};
use crate::execute::progress::Progress;
use crate::resolve::trace::Resolution;
use crate::run::cancel::Cancellation;
use crate::run::consumer::Consumer;
use crate::run::facts::{BackgroundOrigin, Origin, RunFacts, RunOrigin};
use crate::run::runtime::{RunInner, Runtime};
use crate::store::instance::InstanceId;

/// A run that has no user, and may be given one with [`Run::as_user`].
#[derive(Clone, Copy, Debug)]
pub struct Anonymous;
/// A run that acts for a user.
#[derive(Clone, Copy, Debug)]
pub struct AsUser;
/// A run that a schedule, webhook, poll or gateway started. It has no user and can't be given one, so it has no
/// `as_user`: nobody is signed in when it starts (SEMANTICS P4).
#[derive(Clone, Copy, Debug)]
pub struct Background;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Anonymous {}
    impl Sealed for super::AsUser {}
    impl Sealed for super::Background {}
}

/// Who a run acts for, as a type: [`Anonymous`], [`AsUser`] or [`Background`]. Sealed.
pub trait Actor: sealed::Sealed + Send + Sync + 'static {}
impl Actor for Anonymous {}
impl Actor for AsUser {}
impl Actor for Background {}

/// A run that gives a use what it needs: every run for [`NoUser`], a run with a user for [`NeedsUser`].
#[diagnostic::on_unimplemented(
    message = "this action acts as a user, but this run has none",
    label = "a run without a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there",
    note = "in a generic function over actions `A`, take `run: &R` with `R: RunFor<A::Need>`"
)]
pub trait RunFor<N>: AnyRun {}
// A blanket over every type, so that the compiler lists no implementations below our sentence.
#[diagnostic::do_not_recommend]
impl<N, R: AnyRun<Actor: Gives<N>>> RunFor<N> for R {}

/// [`RunFor`] as a toolset asks it, so that the message speaks of the toolset.
#[diagnostic::on_unimplemented(
    message = "this toolset acts as a user, but this run has none",
    label = "a run without a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there"
)]
pub trait ToolsetRunFor<N>: AnyRun {}
#[diagnostic::do_not_recommend]
impl<N, R: RunFor<N>> ToolsetRunFor<N> for R {}

/// The other side of [`RunFor`] and [`PinIn`].
#[diagnostic::on_unimplemented(
    message = "this call acts as a user, but its run has none",
    label = "needs a run with a user",
    note = "give the run its signed-in user with `.as_user(…)`; a background run has none, so pin to `Organization` or `Project` there"
)]
pub trait Gives<N> {}
impl<A: Actor> Gives<NoUser> for A {}
impl Gives<NeedsUser> for AsUser {}

/// A [`Run`] of whatever actor. Sealed.
///
/// What takes a run asks for this beside [`RunFor`], which has it above itself: so the compiler says of what is no run at
/// all that it is none, and not that it has no user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a run",
    label = "`{Self}` in the place of a run",
    note = "a run is of one organization and one project: `runtime.organization(\"acme\").project(\"research\")`"
)]
pub trait AnyRun: sealed_run::Sealed {
    /// Who the run acts for.
    type Actor: Actor;

    #[doc(hidden)]
    fn inner(&self) -> &Arc<RunInner>;
}

mod sealed_run {
    pub trait Sealed {}
    impl<A> Sealed for super::Run<A> {}
}

impl<A: Actor> AnyRun for Run<A> {
    type Actor = A;

    fn inner(&self) -> &Arc<RunInner> {
        &self.inner
    }
}

/// A scope that a call of a run by `A` may be pinned to: every one but [`User`](crate::scope::User), which needs
/// [`AsUser`]. Where it does not agree with the pin `P` so far or with the credentials' pins `C`, nothing is asked of the
/// run: that error is enough. No `do_not_recommend`: the message is that of `Gives`.
pub trait PinIn<A, P, C> {}
impl<A, S, P, C> PinIn<A, P, C> for S
where
    S: ScopePin,
    P: Meets<S>,
    C: Meets<S>,
    A: Actor + Gives<C::Then<P::Then<S::NeedOver<NoUser>>>>,
{
}

/// One execution for one organization and project. Cheap to clone; calls hold their own handle to it.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{MemoryStore, Runtime};
///
/// let runtime = Runtime::new(MemoryStore::new());
/// let run = runtime.organization("acme").project("research");
/// let run = run.as_user("ada");
/// assert_eq!(run.facts().user.as_deref(), Some("ada"));
/// ```
pub struct Run<A> {
    inner: Arc<RunInner>,
    actor: PhantomData<A>,
}

impl<A> Clone for Run<A> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), actor: PhantomData }
    }
}

impl<A> fmt::Debug for Run<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Run").field(&self.inner.facts).finish()
    }
}

/// An organization of a [`Runtime`]; [`project`](Self::project) makes a run of it.
#[derive(Clone)]
pub struct InOrganization {
    runtime: Runtime,
    organization: String,
}

impl InOrganization {
    pub(crate) const fn new(runtime: Runtime, organization: String) -> Self {
        Self { runtime, organization }
    }

    /// A run in a project, without a user, called directly.
    pub fn project(self, project: impl Into<String>) -> Run<Anonymous> {
        let facts = RunFacts {
            id: runtime::new_run_id(),
            organization: self.organization,
            project: project.into(),
            user: None,
            origin: RunOrigin::Direct,
            consumer: Consumer::Direct,
            selections: Vec::new(),
        };
        let inner = RunInner {
            runtime: self.runtime,
            facts: Arc::new(facts),
            cancellation: Cancellation::new(),
            progress: None,
        };
        Run { inner: Arc::new(inner), actor: PhantomData }
    }
}

impl fmt::Debug for InOrganization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InOrganization").field(&self.organization).finish()
    }
}

impl<A> Run<A> {
    fn change<B>(mut self, change: impl FnOnce(&mut RunFacts)) -> Run<B> {
        change(Arc::make_mut(&mut Arc::make_mut(&mut self.inner).facts));
        Run { inner: self.inner, actor: PhantomData }
    }

    /// What the run is.
    pub fn facts(&self) -> &RunFacts {
        &self.inner.facts
    }

    /// The runtime it belongs to.
    pub fn runtime(&self) -> &Runtime {
        &self.inner.runtime
    }

    /// Names the run; audit records carry the name. Without this it is random.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.change(|facts| facts.id = id.into())
    }

    /// Selects an instance for a key in all of the run (SEMANTICS R1). A call's own selection wins over it.
    #[must_use]
    pub fn select(self, key: impl Into<String>, id: impl Into<InstanceId>) -> Self {
        self.change(|facts| facts.selections.push((key.into(), id.into())))
    }

    /// Says what the actions of this run are called from (SEMANTICS R2).
    #[must_use]
    pub fn consumer(self, consumer: Consumer) -> Self {
        self.change(|facts| facts.consumer = consumer)
    }

    /// Listens to what its actions tell of their progress.
    #[must_use]
    pub fn progress(mut self, listener: impl Fn(Progress<'_>) + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.inner).progress = Some(Arc::new(listener));
        self
    }

    /// Ends its calls when the token is cancelled.
    #[must_use]
    pub fn cancellation(mut self, token: Cancellation) -> Self {
        Arc::make_mut(&mut self.inner).cancellation = token;
        self
    }
}

impl<A: Actor> Run<A> {
    /// How a key would resolve in this run for the action `action` (empty for none): what `keystroke explain` shows.
    /// Touches no secret and records nothing.
    pub fn explain_key(
        &self,
        key: &str,
        kind: Option<CredentialKind>,
        pin: Option<Scope>,
        action: &str,
    ) -> impl Future<Output = Resolution> + Send {
        explain_key(&self.inner, key, kind, pin, action)
    }

    /// The same for a credential of which a manifest tells kind, fields and OAuth scopes.
    pub fn explain_declared(
        &self,
        credential: &ManifestCredential,
        pin: Option<Scope>,
        action: &str,
    ) -> impl Future<Output = Resolution> + Send {
        explain_declared(&self.inner, credential, pin, action)
    }
}

impl Run<Anonymous> {
    /// The same run, acting for a signed-in user.
    pub fn as_user(self, user: impl Into<String>) -> Run<AsUser> {
        self.change(|facts| facts.user = Some(user.into()))
    }

    /// The same run, started in the background: it has no user, and can't be given one.
    pub fn background(self, origin: BackgroundOrigin) -> Run<Background> {
        self.change(|facts| facts.origin = origin.into())
    }

    /// Says what started it.
    #[must_use]
    pub fn origin(self, origin: Origin) -> Self {
        self.change(|facts| facts.origin = origin.into())
    }
}

impl Run<AsUser> {
    /// Says what started it.
    #[must_use]
    pub fn origin(self, origin: Origin) -> Self {
        self.change(|facts| facts.origin = origin.into())
    }
}

impl Runtime {
    /// An organization to run for; nothing crosses organizations (SEMANTICS R0).
    pub fn organization(&self, organization: impl Into<String>) -> InOrganization {
        InOrganization::new(self.clone(), organization.into())
    }
}

impl ActionContext {
    /// The context of a run, for calling an action's function in a test.
    pub fn of(run: &impl AnyRun) -> Self {
        Self::new(Arc::clone(run.inner()), "", None, Lending::new(Vec::new()))
    }
}
