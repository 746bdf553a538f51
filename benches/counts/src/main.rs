//! Warm calls, for valgrind to count: `benches/count.sh` runs `keystroke-counts typed | json | vault-typed | vault-json`.
//!
//! Only what [`counted`] does in the calling thread is counted, by its name: the calls, and nothing of what comes before
//! them, or of the thread that writes the audit record.

use std::hint::black_box;
use std::process::ExitCode;

use keystroke::prelude::*;
use keystroke::vault::Add as Adding;
use keystroke::{Anonymous, Instance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime as Tokio};

/// As `count.sh` divides by.
const CALLS: i64 = 1_000;

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

/// The inputs of all calls.
enum Inputs {
    Typed,
    Json(Vec<Value>),
}

#[inline(never)]
fn counted(tokio: &Tokio, tools: &Toolset<NoUser>, run: &Run<Anonymous>, inputs: Inputs) {
    tokio.block_on(async {
        match inputs {
            Inputs::Typed => {
                for a in 0..CALLS {
                    black_box(Add.run(run, AddInput { a, b: 2 }).await).expect("a sum");
                }
            }
            Inputs::Json(inputs) => {
                for input in inputs {
                    black_box(tools.call("add", input, run).await).expect("a sum");
                }
            }
        }
    });
}

fn main() -> ExitCode {
    let which = std::env::args().nth(1).unwrap_or_default();
    let (in_vault, in_json) = match which.as_str() {
        "typed" => (false, false),
        "json" => (false, true),
        "vault-typed" => (true, false),
        "vault-json" => (true, true),
        _ => {
            eprintln!("usage: keystroke-counts typed | json | vault-typed | vault-json");
            return ExitCode::from(2);
        }
    };
    let tokio = Builder::new_current_thread().build().expect("an executor");
    let folder = tempfile::tempdir().expect("a folder");
    let exa = Instance::new("exa").in_organization("acme").field("api_key", "sk-bench-7d1f0c9a54e34b0e8f21");
    let runtime = if in_vault {
        let (vault, _) = Vault::init(VaultOptions::at(folder.path())).expect("a vault");
        vault.add([exa], Adding::OnlyFirst).expect("an instance");
        Runtime::new(vault)
    } else {
        Runtime::new(MemoryStore::new().with(exa))
    };
    let run = runtime.organization("acme").project("research");
    let tools = toolset![Add].expect("tools");
    // Opens the credential, and keeps it with the forms of its secret that an output is searched for.
    tokio.block_on(async { Add.run(&run, AddInput { a: 1, b: 2 }).await }).expect("a sum");
    tokio.block_on(tools.call("add", json!({ "a": 1, "b": 2 }), &run)).expect("a sum");
    let inputs = match in_json {
        true => Inputs::Json((0..CALLS).map(|a| json!({ "a": a, "b": 2 })).collect()),
        false => Inputs::Typed,
    };
    counted(&tokio, &tools, &run, inputs);
    ExitCode::SUCCESS
}
