//! primary: SearchInput

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: Option<&SearchInput>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
