//! What a request passes before `rmcp` sees it, one layer a file. In the order in which they see a request: `origins` (which
//! web pages may use the server), `auth` (the token), `hosts` (whom the request is for), `body` (the whole message, within
//! its limits, and what the client accepts). A refusal is answered by the layer itself (`response`).

pub(super) mod accept;
pub(super) mod auth;
pub(super) mod body;
pub(super) mod hosts;
pub(super) mod origins;
mod response;
mod single;
