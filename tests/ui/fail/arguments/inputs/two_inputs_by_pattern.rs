//! primary: Filter

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Filter {
    pub tag: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(SearchInput { query }: SearchInput, Filter { tag }: Filter) -> Result<(), Failure> {
    drop((query, tag));
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, SearchInput { query: String::new() }));
    let _ = toolset![Search];
}
