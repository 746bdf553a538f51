//! OAuth: what is known of a provider, and what is said to it. It stores nothing: connections, their tokens and the leases
//! under which they are refreshed are the store's.
//!
//! A provider is data: a file that names its endpoints and how it differs from the standards. No line of code is for a
//! single provider, so one that is missing is added by writing a file, not by waiting for a release.

mod client;
mod error;
mod grant;
mod http;
mod loopback;
mod provider;
mod sealed;
mod token;

pub use client::{BadKey, Client};
pub use error::{ConnectError, ErrorKind, Lack};
pub use grant::*;
pub use http::{Answer as HttpAnswer, Body, Http, MAX_ANSWER, NoHttp, Reply, Timeouts};
pub use loopback::LoopbackListener;
pub use provider::*;
pub use sealed::Malformed;
pub use token::*;
