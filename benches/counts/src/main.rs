//! Warm calls, for valgrind to count: `benches/count.sh` runs `keystroke-counts typed | json | vault-typed | vault-json |
//! state-typed`.
//!
//! Only what [`counted`] does in the calling thread is counted, by its name: the calls, and nothing of what comes before
//! them, or of the thread that writes the audit record.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use keystroke::Instance;
use keystroke::prelude::*;
use keystroke::vault::Add as Adding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::runtime::Builder;

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

/// What an application shares.
pub struct Offset(i64);

/// Adds two integers and what is shared.
#[action(slug = "add-shared")]
pub async fn add_shared(input: AddInput, exa: &Exa, offset: &State<Offset>) -> Result<Sum, Failure> {
    black_box(exa.api_key.expose_secret());
    Ok(Sum { sum: input.a.wrapping_add(input.b).wrapping_add(offset.0) })
}

/// One call, from its making to the end of what it gave. A warm one is done when it is polled for the first time, so no
/// executor is counted.
#[inline(never)]
fn counted<C: Future<Output = Result<O, E>>, O, E: std::fmt::Debug>(make: impl FnOnce() -> C) {
    match pin!(make()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(sum) => drop(black_box(sum).expect("a sum")),
        Poll::Pending => panic!("a warm call waits for nothing"),
    }
}

fn main() -> ExitCode {
    let which = std::env::args().nth(1).unwrap_or_default();
    let (in_vault, in_json, with_state) = match which.as_str() {
        "typed" => (false, false, false),
        "json" => (false, true, false),
        "vault-typed" => (true, false, false),
        "vault-json" => (true, true, false),
        "state-typed" => (false, false, true),
        _ => {
            eprintln!("usage: keystroke-counts typed | json | vault-typed | vault-json | state-typed");
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
    let run = runtime.with_state(Offset(1)).organization("acme").project("research");
    let tools = toolset![Add].expect("tools");
    // Opens the credential, and keeps it with the forms of its secret that an output is searched for.
    tokio.block_on(async { Add.run(&run, AddInput { a: 1, b: 2 }).await }).expect("a sum");
    tokio.block_on(tools.call("add", json!({ "a": 1, "b": 2 }), &run)).expect("a sum");
    for a in 0..CALLS {
        if in_json {
            // Each is made before its call, as a server reads it. All of them made up front would be holes in the heap
            // afterwards, and what the allocator does about those would be counted.
            let input = json!({ "a": a, "b": 2 });
            counted(|| tools.call("add", input, &run));
        } else if with_state {
            counted(|| AddShared.run(&run, AddInput { a, b: 2 }));
        } else {
            counted(|| Add.run(&run, AddInput { a, b: 2 }));
        }
    }
    ExitCode::SUCCESS
}
