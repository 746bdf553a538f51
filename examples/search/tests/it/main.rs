//! The program as real processes: the stand-in, the show, the manifest, a vault of its own, and the MCP server.

mod manifest;
mod mcp;
mod own_vault;
mod show;
mod stand_in;
#[path = "../support/mod.rs"]
mod support;
