//! What is said to a provider: against authorization servers that nobody here wrote, and against ones that fail as none may.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod attacks;
mod authlib;
mod browser;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod faulty;
mod keys;
mod loopback;
mod oidc;
#[path = "../../../examples/search/tests/clients/packages.rs"]
#[allow(dead_code, unreachable_pub, reason = "other tests use all of it")]
mod packages;
mod peers;
mod providers;
mod refresh;
mod requests;
