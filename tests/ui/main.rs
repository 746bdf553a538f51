//! What compiles, what does not, and what the author of it reads.
//!
//! - `fixtures`: every file below `tests/ui/fail` holds one mistake. Its first line names the text that the one error must
//!   point at (`//! primary: slgu`), and the `.stderr` beside it holds all that the compiler says.
//! - `programs`: every file in `tests/ui/pass` is a program that compiles and runs.
//! - `coverage`: the `coverage.toml` of each topic is the table of its mistakes with their fixtures.
//! - `lists`: what is wrong with a list of actions and shows only when it is built.
//! - `crates`: whole crates that must compile (`tests/crates`).
//!
//! `KEYSTROKE_UI=bless cargo test -p keystroke --test ui` rewrites the `.stderr` files; read each as the person who meets it.
//! `KEYSTROKE_UI_ONLY=fail/lists` takes only the fixtures whose names contain that text.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says how long it took"
)]

mod coverage;
mod crates;
mod fixtures;
mod harness;
mod lists;
mod programs;
