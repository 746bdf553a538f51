//! primary: Outcome

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub type Outcome = Result<Exa, Failure>;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Outcome {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
