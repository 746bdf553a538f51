//! What the operator finds in the log. A program of its own, because `tracing` remembers for the whole process whether anybody
//! listens to an event: one that is first met while nobody does may stay unheard. So every test in here begins with
//! `common::log::listen()`, and every test that looks at the log is in here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "../common/mod.rs"]
mod common;

mod chatter;
mod expiry;
mod failures;
mod warnings;
