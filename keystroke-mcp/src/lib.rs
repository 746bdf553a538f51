//! A toolset as an MCP server, over stdio and streamable HTTP. Use it through the `keystroke` crate's feature `mcp`.
//!
//! ```no_run
//! # //! # async fn serve(tools: keystroke_core::Toolset<keystroke_core::scope::NoUser>, runtime: keystroke_core::Runtime) -> Result<(), keystroke_mcp::ServeError> {
//! use keystroke_mcp::{Binding, Server};
//!
//! let server = Server::new("researcher", tools, runtime).run(|request| request.run());
//! server.serve_stdio(Binding::new("acme", "research")).await
//! # }
//! ```
//!
//! The mapping of actions to tools is SEMANTICS §6, and what a result may hold S3; both are kept by `keystroke-core`.
//! The protocol itself is `rmcp`'s, and the [`Tokens`] of HTTP clients are `keystroke-tokens`'.

mod answer;
mod call;
mod client;
mod error;
mod handler;
mod http;
mod limits;
mod listing;
mod request;
mod server;
mod share;
mod shown;
mod stdio;
mod telling;
mod wire;

pub use error::ServeError;
pub use http::{Http, Listening, Mounted, Stop};
pub use keystroke_tokens::{Binding, Denied, NewToken, TokenError, TokenInfo, Tokens};
pub use request::{BoundRun, NoUserBound, Request, RunOfCall};
pub use server::{Ready, Server};
