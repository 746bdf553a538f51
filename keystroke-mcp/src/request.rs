//! The run behind a call: what is known of the request, and what may be made of it.

use std::fmt;
use std::sync::Arc;

use keystroke_core::scope::{Need, NoUser};
use keystroke_core::{
    Actor, Anonymous, AsUser, Cancellation, Consumer, Origin, Progress, Run, Runtime, ToolCall, Toolset,
    ToolsetRunFor,
};
use serde_json::Value;

use crate::tokens::Binding;

/// A call that a client asks for, as [`Server::run`](crate::Server::run) sees it.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) runtime: Runtime,
    pub(crate) binding: Arc<Binding>,
    pub(crate) tool: &'static str,
}

impl Request {
    /// The tool that is called: an action's slug.
    pub const fn tool(&self) -> &'static str {
        self.tool
    }

    /// Who the client acts for: over HTTP what its token is bound to, over stdio what the program said. Nothing that
    /// the client itself says is in it.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The server's runtime, to make a run of.
    pub const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The run that the binding means: in its organization and project, and for its user if it has one.
    pub fn run(&self) -> BoundRun {
        let run = self.anonymous();
        match &self.binding.user {
            Some(user) => BoundRun::AsUser(run.as_user(user)),
            None => BoundRun::Anonymous(run),
        }
    }

    /// The same for a toolset that needs a user.
    ///
    /// # Errors
    /// The binding has no user. The client is then told so, as the result of its call.
    pub fn run_as_user(&self) -> Result<Run<AsUser>, NoUserBound> {
        let user = self.binding.user.as_ref().ok_or(NoUserBound(()))?;
        Ok(self.anonymous().as_user(user))
    }

    fn anonymous(&self) -> Run<Anonymous> {
        let Binding { organization, project, .. } = &*self.binding;
        self.runtime.organization(organization).project(project).origin(Origin::Prompt)
    }
}

/// A run with or without a user, as a [`Binding`] has one or not.
#[derive(Clone, Debug)]
pub enum BoundRun {
    /// Without.
    Anonymous(Run<Anonymous>),
    /// With.
    AsUser(Run<AsUser>),
}

/// A toolset that needs a user was called by a client that acts for none.
#[derive(Clone, Debug)]
pub struct NoUserBound(());

impl fmt::Display for NoUserBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tools need a user, and this client acts for none")
    }
}

impl std::error::Error for NoUserBound {}

/// What a server does a call with, beside its run.
pub struct Parts {
    pub(crate) input: Value,
    pub(crate) agent: Consumer,
    pub(crate) cancellation: Cancellation,
    pub(crate) progress: Option<Listener>,
}

/// Who hears of a call's progress.
pub(crate) type Listener = Box<dyn Fn(Progress<'_>) + Send + Sync>;

/// What [`Server::run`](crate::Server::run)'s closure may give: a [`Run`] that the toolset can be called with, or
/// why there is none. Sealed.
#[diagnostic::on_unimplemented(
    message = "this toolset acts as a user, but this run has none",
    label = "a run without a user",
    note = "give each run its signed-in user: `.run(|request| request.run_as_user())`, or `.as_user(…)` on a run of your own"
)]
pub trait RunOfCall<N>: sealed::RunOfCall<N> {}
#[diagnostic::do_not_recommend]
impl<N, R: sealed::RunOfCall<N>> RunOfCall<N> for R {}

mod sealed {
    use super::{Actor, BoundRun, Need, NoUser, NoUserBound, Parts, Run, ToolCall, Toolset, ToolsetRunFor};

    pub trait RunOfCall<N> {
        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound>;
    }

    impl<N: Need, A: Actor> RunOfCall<N> for Run<A>
    where
        Self: ToolsetRunFor<N>,
    {
        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            let mut run = self.consumer(parts.agent).cancellation(parts.cancellation);
            if let Some(listener) = parts.progress {
                run = run.progress(listener);
            }
            Ok(tools.call(tool, parts.input, &run))
        }
    }

    impl RunOfCall<NoUser> for BoundRun {
        fn call(self, tools: &Toolset<NoUser>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            match self {
                Self::Anonymous(run) => run.call(tools, tool, parts),
                Self::AsUser(run) => run.call(tools, tool, parts),
            }
        }
    }

    impl<N, R: RunOfCall<N>> RunOfCall<N> for Result<R, NoUserBound> {
        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            self?.call(tools, tool, parts)
        }
    }
}
