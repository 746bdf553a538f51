//! primary: read_only

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "web-search", read_only, read_only)]
pub async fn web_search(exa: &Exa) -> Result<(), Failure> {
    let _ = exa;
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(WebSearch.run(&run, ()));
    let _ = toolset![WebSearch];
}
