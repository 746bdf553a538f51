//! The tests of the facade that need no process of their own, in one binary: `cargo test --test it resolution` runs one file.
//!
//! Not here: tests that set a panic hook or a subscriber of traces, or that run cargo. They are beside this folder.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "tests stop at the first surprise, say what they skip, and are in modules"
)]

mod cancellation;
mod conformance;
mod contents;
mod docs;
mod errors;
mod execution;
mod failures;
mod guesses;
mod manifest;
mod model;
mod optional;
mod pins;
mod preflight;
mod renewal;
mod resolution;
mod schemas;
mod secrets;
mod state;
mod tenants;
mod toolsets;
