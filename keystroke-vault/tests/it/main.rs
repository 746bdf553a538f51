//! What the vault promises, by its public face: a module for each promise. They run as threads of one process, so none may
//! depend on its environment, its folder or a global; those that start processes run this binary again, with one test.
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
