//! primary: std::thread::spawn(move || exa.api_key.expose_secret().len())

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(exa: &Exa) -> Result<(), Failure> {
    std::thread::spawn(move || exa.api_key.expose_secret().len());
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
