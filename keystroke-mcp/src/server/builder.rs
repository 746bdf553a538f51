//! [`Server`]: a toolset, the runs of its calls, and what clients are told about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keystroke_core::scope::Need;
use keystroke_core::{Consumer, PreflightState, Runtime, Toolset};
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};

use crate::error::ServeError;
use crate::limits::{CallQueue, Limits};
use crate::server::run::{AccessOf, Dispatch, RunOfCall, RunRequest};
use crate::server::shared::Shared;
use crate::tools::ToolList;

/// A toolset to be served. `S` is the [`Toolset`] until [`run`](Self::run) says where the runs of its calls come from, and
/// [`ReadyToServe`] from then on; only then can it be served.
///
/// Its name is the agent that assignments refer to: `keystroke credentials assign … --tool <name>` (SEMANTICS R2).
///
/// ```compile_fail,E0599
/// # use keystroke_core::{Runtime, Toolset, scope::NoUser};
/// # use keystroke_mcp::{Binding, Server};
/// # fn serve(tools: Toolset<NoUser>, runtime: Runtime) {
/// let server = Server::new("researcher", tools, runtime); // nothing about runs …
/// let served = server.serve_stdio(Binding::new("acme", "research")); // … so it can't be served
/// # }
/// ```
pub struct Server<S> {
    state: S,
    identity: ServerIdentity,
    runtime: Runtime,
    limits: Limits,
}

/// What clients are told about a server.
#[derive(Clone, Debug)]
struct ServerIdentity {
    name: String,
    title: Option<String>,
    version: String,
    instructions: Option<String>,
}

impl<N: Need> Server<Toolset<N>> {
    /// A server of these tools, under the name of the agent that uses them. The runtime has to share the state that they take,
    /// or the server does not start ([`ServeError::MissingState`]).
    pub fn new(name: impl Into<String>, tools: Toolset<N>, runtime: Runtime) -> Self {
        let identity = ServerIdentity {
            name: name.into(),
            title: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instructions: None,
        };
        Self { state: tools, identity, runtime, limits: Limits::default() }
    }

    /// Says where the run of each call comes from: `|request| request.run()`, or a run of your own.
    ///
    /// With `request.run()` each client is shown the tools that it can call: a tool that acts for a user is not listed for a
    /// client without one, and a call of it says why. The others run. A run of your own must have a user, by type, if the
    /// toolset needs one. `|request| request.run_as_user()` is for a server that works for users only.
    ///
    /// The closure should make a run and do nothing else: where clients differ in what they can call, it is also asked for
    /// each tool that is listed.
    ///
    /// The server itself sets the run's consumer (this agent), its cancellation and its progress.
    ///
    /// ```
    /// # use keystroke_core::{Runtime, Toolset, scope::{NeedsUser, NoUser}};
    /// # use keystroke_mcp::Server;
    /// # fn serve(tools: Toolset<NoUser>, users_tools: Toolset<NeedsUser>, runtime: Runtime) {
    /// Server::new("researcher", tools, runtime.clone()).run(|request| request.run());
    /// Server::new("assistant", users_tools.clone(), runtime.clone()).run(|request| request.run());
    /// Server::new("users-only", users_tools, runtime).run(|request| request.run_as_user());
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use keystroke_core::{Runtime, Toolset, scope::NeedsUser};
    /// # use keystroke_mcp::Server;
    /// # fn serve(users_tools: Toolset<NeedsUser>, runtime: Runtime) {
    /// Server::new("assistant", users_tools, runtime)
    ///     .run(|request| request.runtime().organization("acme").project("research")); // needs `.as_user(…)`
    /// # }
    /// ```
    pub fn run<R: RunOfCall<N>>(
        self,
        run: impl Fn(&RunRequest) -> R + Send + Sync + 'static,
    ) -> Server<ReadyToServe> {
        let Self { state: tools, identity, runtime, limits } = self;
        let (listed, missing_state) = (ToolList::of(&tools), tools.missing_state(&runtime));
        let run = Arc::new(run);
        let made = Arc::clone(&run);
        let access: Option<AccessOf> =
            R::VARIES.then(|| Box::new(move |request: &_| made(request).access()) as _);
        let dispatch: Dispatch =
            Box::new(move |request, setup| run(request).call(&tools, request.tool(), setup));
        Server { state: ReadyToServe { dispatch, access, listed, missing_state }, identity, runtime, limits }
    }
}

/// The state of a [`Server`] that has its tools and the runs of their calls.
pub struct ReadyToServe {
    dispatch: Dispatch,
    /// `None` where every client can call every tool.
    access: Option<AccessOf>,
    listed: ToolList,
    /// What keeps it from starting.
    missing_state: Vec<PreflightState>,
}

impl<S> Server<S> {
    /// What people call it; its name, if not set.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.identity.title = Some(title.into());
        self
    }

    /// The program's version, `env!("CARGO_PKG_VERSION")`; keystroke's, if not set.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.identity.version = version.into();
        self
    }

    /// What a model should know about the tools as a whole.
    #[must_use]
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.identity.instructions = Some(text.into());
        self
    }

    /// How long a call may take, waiting included; 60 seconds by default. Then it is cancelled, and its result says so.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = limit;
        self
    }

    /// How many calls run at a time (at least one; 64 by default), and how many more may wait (256 by default). A call beyond
    /// both is refused at once, by its result. A call counts until its answer is written, and over HTTP one token leaves
    /// some calls for others.
    #[must_use]
    pub const fn calls(mut self, at_a_time: usize, waiting: usize) -> Self {
        self.limits.at_a_time = at_a_time;
        self.limits.waiting = waiting;
        self
    }

    /// The longest message that a client may send, in bytes; 1 MiB by default.
    #[must_use]
    pub const fn longest_message(mut self, bytes: usize) -> Self {
        self.limits.message_bytes = bytes;
        self
    }
}

impl<S> Server<S> {
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("identity", &self.identity)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Server<ReadyToServe> {
    pub(crate) fn share(self) -> Result<Arc<Shared>, ServeError> {
        let Self { state, identity, runtime, limits } = self;
        let ReadyToServe { dispatch, access, listed, missing_state } = state;
        if !missing_state.is_empty() {
            return Err(ServeError::MissingState(missing_state));
        }
        let agent = Consumer::agent(identity.name.clone());
        let mut implementation = Implementation::new(identity.name, identity.version);
        implementation.title = identity.title;
        let mut config = ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(implementation);
        config.instructions = identity.instructions;
        let queue = CallQueue::new(&limits);
        Ok(Arc::new(Shared { config, agent, tools: listed, dispatch, access, runtime, queue, limits }))
    }
}
