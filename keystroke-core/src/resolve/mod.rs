//! Which credential instance a requirement gets, and how that is explained: rules R0 to R11 of SEMANTICS §3.
//!
//! Only [`choose`] decides, and in what order; [`error`] has the words of every refusal. Nothing here opens an instance
//! or sees a secret: that is [`execute`](crate::execute).

pub(crate) mod choose;
pub(crate) mod error;
pub(crate) mod explain;
pub(crate) mod preflight;
pub(crate) mod query;
pub(crate) mod refusal;
pub(crate) mod resolved;
pub(crate) mod resolver;
pub(crate) mod rule;
pub(crate) mod trace;
