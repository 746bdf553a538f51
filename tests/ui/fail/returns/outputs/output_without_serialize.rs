//! primary: Report

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Report {
    pub results: Vec<String>,
}

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<Report, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
