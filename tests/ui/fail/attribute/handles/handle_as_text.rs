//! primary: "ExaSearch"

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "web-search", handle = "ExaSearch")]
pub async fn search(exa: &Exa) -> Result<(), Failure> {
    let _ = exa;
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(ExaSearch.run(&run, ()));
}
