//! A [`Run`] is one execution for one organization and project, with an origin and maybe a user; a [`Runtime`] is what runs
//! are made from. Here is what outlives a single call: store, clock, shared state, the cache of credentials.
//!
//! How one call goes is not here but in [`execute`](crate::execute).

pub(crate) mod actor;
pub(crate) mod cancel;
pub(crate) mod clock;
pub(crate) mod consumer;
pub(crate) mod facts;
pub(crate) mod guess_limit;
pub(crate) mod runtime;
pub(crate) mod state;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use self::actor::{Actor, Anonymous, AnyRun, AsUser, Background, sealed_run};
use self::cancel::Cancellation;
use self::consumer::Consumer;
use self::facts::{BackgroundOrigin, Origin, RunFacts, RunOrigin};
use self::runtime::{RunInner, Runtime};
use crate::declare::kind::CredentialKind;
use crate::declare::manifest::ManifestCredential;
use crate::declare::scope::Scope;
use crate::execute::progress::Progress;
use crate::resolve::query::Demand;
use crate::resolve::resolver::Resolver;
use crate::resolve::trace::Resolution;
use crate::store::instance::InstanceId;

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

impl<A> sealed_run::Sealed for Run<A> {}

impl<A: Actor> AnyRun for Run<A> {
    type Actor = A;

    fn inner(&self) -> &Arc<RunInner> {
        &self.inner
    }
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

    /// Names the run, for audit records. Without this the name is random.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.change(|facts| facts.id = id.into())
    }

    /// Selects an instance for a key in all of the run (SEMANTICS R1). A call's own selection wins over it.
    #[must_use]
    pub fn select(self, key: impl Into<String>, id: impl Into<InstanceId>) -> Self {
        self.change(|facts| facts.selections.push((key.into(), id.into())))
    }

    /// Sets what calls the actions of this run (SEMANTICS R2).
    #[must_use]
    pub fn consumer(self, consumer: Consumer) -> Self {
        self.change(|facts| facts.consumer = consumer)
    }

    /// Listens to the progress of its actions.
    #[must_use]
    pub fn progress(mut self, listener: impl Fn(Progress<'_>) + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.inner).progress = Some(Arc::new(listener));
        self
    }

    /// Cancels its calls when the token is cancelled.
    #[must_use]
    pub fn cancellation(mut self, token: Cancellation) -> Self {
        Arc::make_mut(&mut self.inner).cancellation = token;
        self
    }
}

impl<A: Actor> Run<A> {
    /// How a key would resolve in this run for the action `action` (empty for none): what `keystroke explain` shows.
    /// Touches no secret and records nothing.
    pub async fn explain_key(
        &self,
        key: &str,
        kind: Option<CredentialKind>,
        pin: Option<Scope>,
        action: &str,
    ) -> Resolution {
        let demand = Demand::of_key(key);
        Resolver::of(&self.inner, &demand, kind, pin, false, action).explain().await
    }

    /// The same for a credential of which a manifest tells kind, fields and OAuth scopes, and whether it is optional
    /// (SEMANTICS R11).
    pub fn explain_declared(
        &self,
        credential: &ManifestCredential,
        pin: Option<Scope>,
        optional: bool,
        action: &str,
    ) -> impl Future<Output = Resolution> + Send {
        credential.explain(&self.inner, pin, optional, action)
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
