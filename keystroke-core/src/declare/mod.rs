//! What an author declares: actions, credentials with their fields, kinds and scopes, and what a function fails with.
//!
//! Nothing here runs a call, chooses an instance or keeps a secret: those are [`execute`](crate::execute),
//! [`resolve`](crate::resolve) and [`store`](crate::store).

pub(crate) mod action;
pub(crate) mod credential;
pub(crate) mod failure;
pub(crate) mod field;
pub(crate) mod kind;
pub(crate) mod manifest;
pub(crate) mod requirement;
pub mod scope;
pub(crate) mod slug;
