//! A toolset as an MCP server, over stdio and streamable HTTP. Use it through the `keystroke` crate's feature `mcp`.
//!
//! ```no_run
//! # async fn serve(tools: keystroke_core::Toolset<keystroke_core::scope::NoUser>, runtime: keystroke_core::Runtime) -> Result<(), keystroke_mcp::ServeError> {
//! use keystroke_mcp::{Binding, Server};
//!
//! let server = Server::new("researcher", tools, runtime).run(|request| request.run());
//! server.serve_stdio(Binding::new("acme", "research")).await
//! # }
//! ```
//!
//! SEMANTICS §6 says how actions become tools, and S3 what a result may hold; `keystroke-core` keeps both. The protocol
//! itself is `rmcp`'s, and the [`Tokens`] of HTTP clients are `keystroke-tokens`'.
//!
//! A message comes in by a transport (`stdio`, `http`), which knows the client and takes the answer back. `handler` reads
//! it as `rmcp` hands it over, and `call` takes it from there to its result. Neither knows a transport: `transport` is the
//! trait between them.

mod call;
mod client;
mod content;
mod error;
mod handler;
mod http;
mod limits;
mod panics;
mod safe_name;
mod server;
mod stdio;
mod tools;
mod transport;

pub use error::ServeError;
pub use http::{Http, Listening, Mounted, ShutdownHandle};
pub use keystroke_tokens::{Binding, Denied, NewToken, TokenError, TokenInfo, Tokens};
pub use server::{BoundRun, NoUserBound, ReadyToServe, RunOfCall, RunRequest, Server};
