//! What keystroke costs, beside its peers: `cargo run --release --manifest-path benches/Cargo.toml --locked`.
//!
//! Prints one Markdown table and ends with 1 if a row of it can't be right. Rows are compared within rounds, in one
//! process; other processes are this program again, under another word. See `docs/performance.md`.

use std::process::ExitCode;

use keystroke_benches::table::Table;
use keystroke_benches::{Failed, Plan, allocations, rows, vaults};

const USAGE: &str =
    "usage: keystroke-benches [--quick] [warm | vault | cold | preflight | redaction | mcp | threads]…
without names: all of them; --quick: fewer rounds and no vault of a million instances";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match words.as_slice() {
        // What this program starts itself as.
        ["another-writer", folder, id, pause] => vaults::write_on(folder, id, pause),
        ["mcp-server", which, folder @ ..] => rows::mcp::serve(which, folder),
        _ => measure_all(&words),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(words: &[&str]) -> Result<(), Failed> {
    let (flags, only): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with("--"));
    let known = rows::ALL.map(|(name, _)| name);
    if flags.iter().any(|flag| *flag != "--quick") || only.iter().any(|name| !known.contains(name)) {
        return Err(USAGE.into());
    }
    if cfg!(debug_assertions) {
        return Err("this is no release build: add `--release`".into());
    }
    let plan = Plan { quick: !flags.is_empty(), only: only.into_iter().map(str::to_owned).collect() };
    let counts = allocations::ask()?;
    let mut table = Table::default();
    for (name, rows) in rows::ALL {
        if plan.has(name) {
            rows(&plan, &counts, &mut table)?;
        }
    }
    Ok(table.end()?)
}
