//! primary: Option<State<Client>>

use keystroke::prelude::*;

pub struct Client;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: SearchInput, _http: Option<State<Client>>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, SearchInput { query: String::new() }));
    let _ = toolset![Search];
}
