//! Counts the allocations of one call of each kind, in the calling thread, and prints them as JSON for the other program.

use allocation_counter::measure;
use keystroke::Runtime;
use keystroke_benches::Failed;
use keystroke_benches::allocations::Counts;
use keystroke_benches::rows::{cold, warm};
use keystroke_benches::subject::{Aws, json_input, memory};
use keystroke_benches::vaults::{Large, Scratch};
use tokio::runtime::Builder;

/// So many calls come before the one that is counted: they fill caches.
const BEFORE: usize = 64;

fn of_one(mut call: impl FnMut()) -> u64 {
    (0..BEFORE).for_each(|_| call());
    measure(call).count_total
}

fn main() -> Result<(), Failed> {
    let tokio = Builder::new_current_thread().enable_all().build()?;
    let mut counts = Counts::new();
    let mut note = |name: &str, count: u64| {
        counts.insert(name.to_owned(), count);
    };

    let memory = warm::Ours::on(memory())?;
    let scratch = Scratch::new()?;
    let vault = warm::Ours::on(Runtime::new(scratch.vault.clone()))?;
    for (ours, typed, json) in [(&memory, "typed", "json"), (&vault, "vault typed", "vault json")] {
        note(typed, of_one(|| tokio.block_on(ours.typed(1))));
        // Inputs are the caller's.
        let mut inputs: Vec<_> = (0..=BEFORE).map(|_| json_input(1).into()).collect();
        note(json, of_one(|| tokio.block_on(ours.json(inputs.pop().unwrap_or_default()))));
    }
    let aws = Aws::default();
    note("aws", of_one(|| tokio.block_on(aws.hit())));
    let rmcp = tokio.block_on(warm::Rmcp::connected())?;
    let mut requests: Vec<_> = (0..=BEFORE).map(|_| rmcp.request(1)).collect();
    let dispatch = || tokio.block_on(rmcp.dispatch(requests.pop().expect("as many as there are calls")));
    note("rmcp", of_one(dispatch));

    let large = Large::of(1_000, 1)?;
    let runtime = cold::runtime(&large);
    let mut organization = 0;
    let call = || {
        organization += 1;
        tokio.block_on(cold::call(&runtime, organization));
    };
    note("cold", of_one(call));

    println!("{}", serde_json::to_string(&counts)?);
    Ok(())
}
