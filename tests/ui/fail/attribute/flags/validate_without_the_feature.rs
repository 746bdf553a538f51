//! primary: validate

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search", validate)]
pub async fn search(input: SearchInput) -> Result<(), Failure> {
    drop(input);
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, SearchInput { query: String::new() }));
    let _ = toolset![Search];
}
