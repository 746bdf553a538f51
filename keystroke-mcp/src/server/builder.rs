//! A [`Server`]: a toolset, the runs of its calls, and what clients are told of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keystroke_core::scope::Need;
use keystroke_core::{Consumer, Runtime, ToolCall, Toolset};
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};

use crate::http::Running;
use crate::limits::{Limits, Queue};
use crate::request::{NoUserBound, Parts, Reach, Request, RunOfCall};
use crate::wire::Listed;

/// Makes a run of a request and calls the tool with it: the toolset and the closure, without their types.
pub(crate) type Dispatch = Box<dyn Fn(&Request, Parts) -> Result<ToolCall, NoUserBound> + Send + Sync>;

/// Which tools the run of a request can be used for.
pub(crate) type ReachOf = Box<dyn Fn(&Request) -> Reach + Send + Sync>;

/// A toolset in the making of a server. `S` is the [`Toolset`] until [`run`](Self::run) says where the runs of its calls
/// come from, and [`Ready`] from then on; only then can it be served.
///
/// Its name is the agent that assignments refer to: `keystroke credentials assign … --tool <name>` (SEMANTICS R2).
///
/// ```compile_fail,E0599
/// # use keystroke_core::{Runtime, Toolset, scope::NoUser};
/// # use keystroke_mcp::{Binding, Server};
/// # fn serve(tools: Toolset<NoUser>, runtime: Runtime) {
/// let server = Server::new("researcher", tools, runtime); // no word of runs …
/// let served = server.serve_stdio(Binding::new("acme", "research")); // … so it can't be served
/// # }
/// ```
pub struct Server<S> {
    state: S,
    about: About,
    runtime: Runtime,
    limits: Limits,
}

/// What clients are told of a server.
#[derive(Clone, Debug)]
struct About {
    name: String,
    title: Option<String>,
    version: String,
    instructions: Option<String>,
}

impl<N: Need> Server<Toolset<N>> {
    /// A server of these tools, with the name of the agent that uses them.
    pub fn new(name: impl Into<String>, tools: Toolset<N>, runtime: Runtime) -> Self {
        let about = About {
            name: name.into(),
            title: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instructions: None,
        };
        Self { state: tools, about, runtime, limits: Limits::default() }
    }

    /// Says where the run of each call comes from: `|request| request.run()`, or a run of your own.
    ///
    /// With `request.run()` each client is listed the tools that it can call: one that acts for a user is not listed for
    /// a client without, and a call of it says why. Others run. A run of your own for a toolset that needs a user has to have
    /// one, by type; and `|request| request.run_as_user()` is for a server that works for users only.
    ///
    /// What `run` is given makes a run and does nothing else: where clients may differ in what they can call, it is asked
    /// for each tool that is listed, too.
    ///
    /// The server sets what a run's actions are called from (this agent), its cancellation and its progress.
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
    pub fn run<R: RunOfCall<N>>(self, run: impl Fn(&Request) -> R + Send + Sync + 'static) -> Server<Ready> {
        let Self { state: tools, about, runtime, limits } = self;
        let listed = Listed::of(&tools);
        let run = Arc::new(run);
        let made = Arc::clone(&run);
        let reach: Option<ReachOf> =
            R::VARIES.then(|| Box::new(move |request: &_| made(request).reach()) as _);
        let dispatch: Dispatch =
            Box::new(move |request, parts| run(request).call(&tools, request.tool, parts));
        Server { state: Ready { dispatch, reach, listed }, about, runtime, limits }
    }
}

/// A server's tools, and the runs of their calls.
pub struct Ready {
    dispatch: Dispatch,
    /// `None` where every client can call every tool.
    reach: Option<ReachOf>,
    listed: Listed,
}

impl<S> Server<S> {
    /// What people call it. Without this: its name.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.about.title = Some(title.into());
        self
    }

    /// The program's version: `env!("CARGO_PKG_VERSION")`. Without this: keystroke's.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.about.version = version.into();
        self
    }

    /// What a model should know of the tools together.
    #[must_use]
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.about.instructions = Some(text.into());
        self
    }

    /// How long a call may take, waiting included; 60 seconds without this. Then its cancellation is fired, and the client
    /// is told so as the result of its call.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = limit;
        self
    }

    /// How many calls run at a time (at least one; 64 without this), and how many more may wait for that (256 without
    /// this). A call beyond both is refused at once, as its result. It counts until its answer is written, and over HTTP
    /// one token leaves some of them for others.
    #[must_use]
    pub const fn calls(mut self, at_a_time: usize, waiting: usize) -> Self {
        self.limits.at_a_time = at_a_time;
        self.limits.waiting = waiting;
        self
    }

    /// The longest message that a client may send, in bytes; 1 MiB without this.
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
            .field("about", &self.about)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What all connections of a server share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) agent: Consumer,
    pub(crate) listed: Listed,
    pub(crate) dispatch: Dispatch,
    pub(crate) reach: Option<ReachOf>,
    pub(crate) runtime: Runtime,
    pub(crate) queue: Queue,
    pub(crate) limits: Limits,
    /// The calls that come over HTTP.
    pub(crate) running: Running,
}

impl Server<Ready> {
    pub(crate) fn share(self) -> Arc<Shared> {
        let Self { state: Ready { dispatch, reach, listed }, about, runtime, limits } = self;
        let agent = Consumer::agent(about.name.clone());
        let mut implementation = Implementation::new(about.name, about.version);
        implementation.title = about.title;
        let mut config = ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(implementation);
        config.instructions = about.instructions;
        let queue = Queue::new(&limits);
        Arc::new(Shared {
            config,
            agent,
            listed,
            dispatch,
            reach,
            runtime,
            queue,
            limits,
            running: Running::default(),
        })
    }
}
