//! primary: SLUG

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

#[allow(dead_code, reason = "named in the attribute alone")]
const SLUG: &str = "x";

/// Searches.
#[action(slug = SLUG)]
pub async fn web_search(exa: &Exa) -> Result<(), Failure> {
    let _ = exa;
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(WebSearch.run(&run, ()));
    let _ = toolset![WebSearch];
}
