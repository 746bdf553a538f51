//! primary: Exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_a: &Exa, _b: Option<&Exa>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
