//! Allocations per call. They are counted by an allocator that counts, which would cost time in every row: so that is
//! another program, `src/bin/count-allocations.rs`, which is built and run from here.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::Failed;

/// Allocations of one call, by row.
pub type Counts = BTreeMap<String, u64>;

/// Has them counted.
pub fn ask() -> Result<Counts, Failed> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--release", "--locked", "--quiet", "--features", "allocations"])
        .args(["--bin", "count-allocations", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("allocations could not be counted".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
