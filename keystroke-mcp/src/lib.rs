//! A toolset as an MCP server, over stdio and streamable HTTP. Use it through the `keystroke` crate's feature `mcp`.
//!
//! ```no_run
//! # #[cfg(feature = "server")]
//! # async fn serve(tools: keystroke_core::Toolset<keystroke_core::scope::NoUser>, runtime: keystroke_core::Runtime) -> Result<(), keystroke_mcp::ServeError> {
//! use keystroke_mcp::{Binding, Server};
//!
//! let server = Server::new("researcher", tools, runtime).run(|request| request.run());
//! server.serve_stdio(Binding::new("acme", "research")).await
//! # }
//! ```
//!
//! The mapping of actions to tools is SEMANTICS §6, and what a result may hold S3; both are kept by `keystroke-core`.
//! The protocol itself is `rmcp`'s. Without the feature `server` there are only the [`Tokens`] of HTTP clients.

#[cfg(feature = "server")]
mod answer;
#[cfg(feature = "server")]
mod call;
#[cfg(feature = "server")]
mod client;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
mod handler;
#[cfg(feature = "server")]
mod http;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod listing;
#[cfg(feature = "server")]
mod request;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod share;
#[cfg(feature = "server")]
mod shown;
#[cfg(feature = "server")]
mod stdio;
#[cfg(feature = "server")]
mod telling;
mod tokens;
#[cfg(feature = "server")]
mod wire;

#[cfg(feature = "server")]
pub use error::ServeError;
#[cfg(feature = "server")]
pub use http::{Http, Listening, Mounted, Stop};
#[cfg(feature = "server")]
pub use request::{BoundRun, NoUserBound, Request, RunOfCall};
#[cfg(feature = "server")]
pub use server::{Ready, Server};
pub use tokens::{Binding, Denied, NewToken, TokenError, TokenInfo, Tokens};
