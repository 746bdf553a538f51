//! The run behind a call: what is known of the request, and what may be made of it.

use std::fmt;
use std::sync::Arc;

use keystroke_core::scope::Need;
use keystroke_core::{
    Actor, Anonymous, AsUser, Cancellation, Consumer, Origin, Progress, Run, Runtime, ToolCall, Toolset,
    ToolsetRunFor,
};
use serde_json::Value;

use crate::client::Client;
use crate::server::Shared;
use keystroke_tokens::Binding;

/// A call that a client asks for or is told of, as [`Server::run`](crate::Server::run) sees it.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) runtime: Runtime,
    pub(crate) binding: Arc<Binding>,
    pub(crate) tool: &'static str,
}

impl Request {
    pub(crate) fn new(shared: &Shared, client: &Client, tool: &'static str) -> Self {
        Self { runtime: shared.runtime.clone(), binding: Arc::clone(&client.binding), tool }
    }

    /// The tool that is called, or listed for the client: an action's slug.
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

    /// The run that the binding means: in its organization and project, and for its user if it has one. It will do for
    /// every toolset: where a tool needs a user and the client has none, that tool alone is refused, and not listed.
    pub fn run(&self) -> BoundRun {
        let run = self.anonymous();
        match &self.binding.user {
            Some(user) => BoundRun::AsUser(run.as_user(user)),
            None => BoundRun::Anonymous(run),
        }
    }

    /// The same for a server whose clients all act for a user, also with tools that need none.
    ///
    /// # Errors
    /// The binding has no user. Its client is listed no tool, and told why as the result of any call.
    pub fn run_as_user(&self) -> Result<Run<AsUser>, NoUserBound> {
        let user = self.binding.user.as_ref().ok_or(NoUserBound(()))?;
        Ok(self.anonymous().as_user(user))
    }

    fn anonymous(&self) -> Run<Anonymous> {
        let Binding { organization, project, .. } = &*self.binding;
        self.runtime.organization(organization).project(project).origin(Origin::Prompt)
    }
}

/// A run with or without a user, as a [`Binding`] has one or not. Any toolset takes it: whether it has the user that a
/// tool needs is checked with each call.
#[derive(Clone, Debug)]
pub enum BoundRun {
    /// Without.
    Anonymous(Run<Anonymous>),
    /// With.
    AsUser(Run<AsUser>),
}

/// The server's runs are all for a user, and a client acts for none.
#[derive(Clone)]
pub struct NoUserBound(());

impl fmt::Display for NoUserBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this server works for users only, and the client acts for none")
    }
}

impl fmt::Debug for NoUserBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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

/// Which tools a run can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of the toolset.
    All,
    /// Those that need no user.
    WithoutUser,
    /// There is no run.
    Nothing,
}

/// Who hears of a call's progress.
pub(crate) type Listener = Box<dyn Fn(Progress<'_>) + Send + Sync>;

/// What [`Server::run`](crate::Server::run)'s closure may give: a [`Run`] that the toolset can be called with, or
/// why there is none. Sealed.
#[diagnostic::on_unimplemented(
    message = "this toolset acts as a user, but this run has none",
    label = "a run without a user",
    note = "`.run(|request| request.run())` acts for the user of each client that has one; a run of your own needs `.as_user(…)`"
)]
pub trait RunOfCall<N>: sealed::RunOfCall<N> {}
#[diagnostic::do_not_recommend]
impl<N, R: sealed::RunOfCall<N>> RunOfCall<N> for R {}

mod sealed {
    use super::{Actor, BoundRun, Need, NoUserBound, Parts, Reach, Run, ToolCall, Toolset, ToolsetRunFor};

    pub trait RunOfCall<N> {
        /// Whether one client may have another reach than the next. If not, it is [`Reach::All`].
        const VARIES: bool;

        fn reach(&self) -> Reach;

        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound>;
    }

    impl<N: Need, A: Actor> RunOfCall<N> for Run<A>
    where
        Self: ToolsetRunFor<N>,
    {
        const VARIES: bool = false;

        fn reach(&self) -> Reach {
            Reach::All
        }

        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            Ok(checked(self, tools, tool, parts))
        }
    }

    impl<N: Need> RunOfCall<N> for BoundRun {
        const VARIES: bool = N::NEEDS_USER;

        fn reach(&self) -> Reach {
            match self {
                Self::Anonymous(_) if N::NEEDS_USER => Reach::WithoutUser,
                Self::Anonymous(_) | Self::AsUser(_) => Reach::All,
            }
        }

        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            Ok(match self {
                Self::Anonymous(run) => checked(run, tools, tool, parts),
                Self::AsUser(run) => checked(run, tools, tool, parts),
            })
        }
    }

    impl<N, R: RunOfCall<N>> RunOfCall<N> for Result<R, NoUserBound> {
        const VARIES: bool = true;

        fn reach(&self) -> Reach {
            self.as_ref().map_or(Reach::Nothing, R::reach)
        }

        fn call(self, tools: &Toolset<N>, tool: &str, parts: Parts) -> Result<ToolCall, NoUserBound> {
            self?.call(tools, tool, parts)
        }
    }

    fn checked<N: Need, A: Actor>(run: Run<A>, tools: &Toolset<N>, tool: &str, parts: Parts) -> ToolCall {
        let mut run = run.consumer(parts.agent).cancellation(parts.cancellation);
        if let Some(listener) = parts.progress {
            run = run.progress(listener);
        }
        tools.call_checked(tool, parts.input, &run)
    }
}
