//! The server as its clients meet it. No test in here listens to the log: those that do are in `tests/log`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../examples/search/tests/clients/install.rs"]
#[allow(dead_code, unreachable_pub, reason = "the example has the Python client too")]
mod install;
#[path = "../../../tests/spellings/mod.rs"]
mod spellings;
#[path = "../../../examples/search/tests/support/tee.rs"]
#[allow(unreachable_pub, reason = "the example's tests are as its users would write them")]
mod tee;

mod canary;
mod conformance;
mod failures;
mod from_main;
mod hostile;
mod http;
mod limits;
mod mapping;
mod mounted;
mod per_tool;
