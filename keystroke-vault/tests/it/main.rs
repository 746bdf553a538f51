//! What the vault promises, tested through its public face, a module for each promise. The tests run as threads of
//! one process, so none may depend on the environment, the current folder or a global. A test that needs another
//! process runs this binary again, with itself as the only test. What kills processes or loads the machine is a
//! binary of its own: `kill.rs`, `processes.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops on the first surprise"
)]

mod common;

mod attack;
mod audit;
mod backup;
mod canary;
mod clock;
mod formats;
mod freshness;
mod init;
mod open;
mod planted;
mod prune;
mod record;
mod replaced;
mod rollback;
mod rotate_key;
mod strict;
mod two_handles;
mod verbs;
mod wrapped;
