//! primary: SearchInput

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(a: SearchInput, b: SearchInput) -> Result<(), Failure> {
    drop((a.query, b.query));
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, SearchInput { query: String::new() }));
    let _ = toolset![Search];
}
