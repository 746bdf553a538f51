//! The run behind a call: what a program knows when it makes one, and what it may make.

use std::fmt;
use std::sync::Arc;

use keystroke_core::scope::Need;
use keystroke_core::{
    Actor, Anonymous, AsUser, Cancellation, Consumer, Origin, Progress, Run, Runtime, ToolCall, Toolset,
    ToolsetRunFor,
};
use keystroke_tokens::Binding;
use serde_json::Value;

/// What [`Server::run`](crate::Server::run) makes a run of: a tool that a client calls or is to be shown, and whom the client
/// acts for.
#[derive(Clone, Debug)]
pub struct RunRequest {
    runtime: Runtime,
    binding: Arc<Binding>,
    tool: &'static str,
}

impl RunRequest {
    pub(crate) const fn new(runtime: Runtime, binding: Arc<Binding>, tool: &'static str) -> Self {
        Self { runtime, binding, tool }
    }

    /// The tool that is called, or listed for the client: an action's slug.
    pub const fn tool(&self) -> &'static str {
        self.tool
    }

    /// Whom the client acts for: over HTTP what its token is bound to, over stdio what the program says. Nothing in it comes
    /// from the client itself.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The server's runtime, to make a run of your own.
    pub const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The run of the binding: in its organization and project, and for its user if it has one. It suits every toolset: where
    /// a tool needs a user and the client has none, that tool alone is refused, and not listed.
    pub fn run(&self) -> BoundRun {
        let run = self.anonymous();
        match &self.binding.user {
            Some(user) => BoundRun::AsUser(run.as_user(user)),
            None => BoundRun::Anonymous(run),
        }
    }

    /// The same for a server that works for users only, even with tools that need none.
    ///
    /// # Errors
    /// The binding has no user. Its client is shown no tool, and the result of any call says why.
    pub fn run_as_user(&self) -> Result<Run<AsUser>, NoUserBound> {
        let user = self.binding.user.as_ref().ok_or(NoUserBound(()))?;
        Ok(self.anonymous().as_user(user))
    }

    fn anonymous(&self) -> Run<Anonymous> {
        let Binding { organization, project, .. } = &*self.binding;
        self.runtime.organization(organization).project(project).origin(Origin::Prompt)
    }
}

/// A run with a user or without, as the [`Binding`] is. Any toolset takes it: each call checks whether it has the user that its
/// tool needs.
#[derive(Clone, Debug)]
pub enum BoundRun {
    /// Without a user.
    Anonymous(Run<Anonymous>),
    /// With a user.
    AsUser(Run<AsUser>),
}

/// The server works for users only, and the client acts for none.
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

/// What a server adds to a run to make a call.
pub struct CallSetup {
    pub(crate) input: Value,
    pub(crate) agent: Consumer,
    pub(crate) cancellation: Cancellation,
    pub(crate) progress: Option<ProgressListener>,
}

/// Which tools can be called with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolAccess {
    /// All of the toolset.
    All,
    /// Those that need no user.
    WithoutUser,
    /// None: there is no run.
    None,
}

/// Hears of a call's progress.
pub(crate) type ProgressListener = Box<dyn Fn(Progress<'_>) + Send + Sync>;

/// Makes the run of a request and calls its tool: the toolset and the program's closure, without their types.
pub(crate) type Dispatch = Box<dyn Fn(&RunRequest, CallSetup) -> Result<ToolCall, NoUserBound> + Send + Sync>;

/// Says which tools can be called with the run of a request.
pub(crate) type AccessOf = Box<dyn Fn(&RunRequest) -> ToolAccess + Send + Sync>;

/// What [`Server::run`](crate::Server::run)'s closure may return: a [`Run`] that the toolset can be called with, or why there
/// is none. Sealed.
#[diagnostic::on_unimplemented(
    message = "this toolset acts as a user, but this run has none",
    label = "a run without a user",
    note = "`.run(|request| request.run())` acts for the user of each client that has one; a run of your own needs `.as_user(…)`"
)]
pub trait RunOfCall<N>: sealed::RunOfCall<N> {}
#[diagnostic::do_not_recommend]
impl<N, R: sealed::RunOfCall<N>> RunOfCall<N> for R {}

mod sealed {
    use super::{
        Actor, BoundRun, CallSetup, Need, NoUserBound, Run, ToolAccess, ToolCall, Toolset, ToolsetRunFor,
    };

    pub trait RunOfCall<N> {
        /// Whether clients may differ in their access. If not, all have [`ToolAccess::All`].
        const VARIES: bool;

        fn access(&self) -> ToolAccess;

        fn call(self, tools: &Toolset<N>, tool: &str, setup: CallSetup) -> Result<ToolCall, NoUserBound>;
    }

    impl<N: Need, A: Actor> RunOfCall<N> for Run<A>
    where
        Self: ToolsetRunFor<N>,
    {
        const VARIES: bool = false;

        fn access(&self) -> ToolAccess {
            ToolAccess::All
        }

        fn call(self, tools: &Toolset<N>, tool: &str, setup: CallSetup) -> Result<ToolCall, NoUserBound> {
            Ok(checked(self, tools, tool, setup))
        }
    }

    impl<N: Need> RunOfCall<N> for BoundRun {
        const VARIES: bool = N::NEEDS_USER;

        fn access(&self) -> ToolAccess {
            match self {
                Self::Anonymous(_) if N::NEEDS_USER => ToolAccess::WithoutUser,
                Self::Anonymous(_) | Self::AsUser(_) => ToolAccess::All,
            }
        }

        fn call(self, tools: &Toolset<N>, tool: &str, setup: CallSetup) -> Result<ToolCall, NoUserBound> {
            Ok(match self {
                Self::Anonymous(run) => checked(run, tools, tool, setup),
                Self::AsUser(run) => checked(run, tools, tool, setup),
            })
        }
    }

    impl<N, R: RunOfCall<N>> RunOfCall<N> for Result<R, NoUserBound> {
        const VARIES: bool = true;

        fn access(&self) -> ToolAccess {
            self.as_ref().map_or(ToolAccess::None, R::access)
        }

        fn call(self, tools: &Toolset<N>, tool: &str, setup: CallSetup) -> Result<ToolCall, NoUserBound> {
            self?.call(tools, tool, setup)
        }
    }

    fn checked<N: Need, A: Actor>(run: Run<A>, tools: &Toolset<N>, tool: &str, setup: CallSetup) -> ToolCall {
        let mut run = run.consumer(setup.agent).cancellation(setup.cancellation);
        if let Some(listener) = setup.progress {
            run = run.progress(listener);
        }
        tools.call_checked(tool, setup.input, &run)
    }
}
