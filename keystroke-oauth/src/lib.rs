//! OAuth: what is known of a provider, and what is said to it. It stores nothing: connections, their tokens and the leases
//! under which they are refreshed are the store's.
//!
//! A provider is data: a file that names its endpoints and how it differs from the standards. No line of code is for a
//! single provider, so one that is missing is added by writing a file, not by waiting for a release.

mod http;
mod provider;
mod token;

pub use http::{Answer as HttpAnswer, Body, Http, MAX_ANSWER, NoHttp, Reply, Timeouts};
pub use provider::*;
pub use token::*;
