//! Allocations per call. They are counted by an allocator that counts, which would cost time in every row: so this
//! program is built a second time with it, by itself, and asked.

use std::collections::BTreeMap;
use std::process::Command;

use crate::Failed;

/// Allocations of one call, by row.
pub type Counts = BTreeMap<String, u64>;

/// Has them counted.
pub fn ask() -> Result<Counts, Failed> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--release", "--locked", "--quiet", "--features", "allocations", "--manifest-path"])
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--", "count-allocations"])
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("allocations could not be counted".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[cfg(not(feature = "allocations"))]
pub fn count() -> Result<(), Failed> {
    Err("allocations are counted by a build with the feature `allocations`".into())
}

#[cfg(feature = "allocations")]
pub fn count() -> Result<(), Failed> {
    println!("{}", serde_json::to_string(&counted::all()?)?);
    Ok(())
}

#[cfg(feature = "allocations")]
mod counted {
    use allocation_counter::measure;
    use tokio::runtime::{Builder, Runtime as Tokio};

    use super::Counts;
    use crate::Failed;
    use crate::rows::{cold, warm};
    use crate::subject::{Aws, memory};
    use crate::vaults::Scratch;

    /// Of the second of two calls in a row: the first one fills caches.
    fn of_one(mut call: impl FnMut()) -> u64 {
        (0..64).for_each(|_| call());
        measure(call).count_total
    }

    pub fn all() -> Result<Counts, Failed> {
        let tokio: Tokio = Builder::new_current_thread().enable_all().build()?;
        let mut counts = Counts::new();
        let mut note = |name: &str, count: u64| drop(counts.insert(name.to_owned(), count));

        let memory = warm::Ours::on(memory())?;
        let scratch = Scratch::new()?;
        let vault = warm::Ours::on(keystroke::Runtime::new(scratch.vault.clone()))?;
        for (ours, typed, json) in [(&memory, "typed", "json"), (&vault, "vault typed", "vault json")] {
            // What is counted must not end up in another thread, and inputs are not counted.
            note(typed, of_one(|| tokio.block_on(ours.typed(1))));
            let mut inputs: Vec<_> = (0..65).map(|_| crate::subject::json_input(1).into()).collect();
            note(json, of_one(|| tokio.block_on(ours.json(inputs.pop().unwrap_or_default()))));
        }
        scratch.vault.flush()?;
        let aws = Aws::new();
        note("aws", of_one(|| tokio.block_on(aws.hit())));
        let rmcp = tokio.block_on(warm::Rmcp::connected())?;
        let mut requests: Vec<_> = (0..65).map(|_| rmcp.request(1)).collect();
        note("rmcp", of_one(|| {
            if let Some(request) = requests.pop() {
                tokio.block_on(rmcp.dispatch(request));
            }
        }));
        note("cold", cold::allocations(&tokio)?);
        Ok(counts)
    }
}
