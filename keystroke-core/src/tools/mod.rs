//! Actions as a list of tools for a model: called by name, in JSON (SEMANTICS §6).
//!
//! How a tool's call goes is [`execute`](crate::execute); what its schemas may say is in [`json`](crate::json).

pub(crate) mod call;
mod check;
pub(crate) mod compose;
mod listed_tool;
pub(crate) mod tool;
pub(crate) mod tool_error;
pub(crate) mod toolset;
pub(crate) mod toolset_error;
