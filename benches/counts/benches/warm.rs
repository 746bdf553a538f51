//! Instructions of one warm call, counted under valgrind: noise can't move them, so CI can hold a line.
//!
//! `cargo bench --manifest-path benches/Cargo.toml -p keystroke-counts --locked`; `.ci/run` does it. A line is what was
//! counted when it was drawn and a few percent more, for another libc: whoever makes calls dearer moves it, and says why;
//! whoever makes them cheaper moves it too.

use gungraun::prelude::*;
use gungraun::{Callgrind, CallgrindMetrics, EventKind, LibraryBenchmarkConfig};
use keystroke::prelude::*;
use keystroke::vault::Add as Adding;
use keystroke::{Anonymous, Instance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::hint::black_box;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime as Tokio};

/// A credential as most are: one secret.
#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub struct AddInput {
    pub a: i64,
    pub b: i64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Sum {
    pub sum: i64,
}

/// Adds two integers.
#[action(slug = "add")]
pub async fn add(input: AddInput, exa: &Exa) -> Result<Sum, Failure> {
    black_box(exa.api_key.expose_secret());
    Ok(Sum { sum: input.a.wrapping_add(input.b) })
}

fn main() {}
