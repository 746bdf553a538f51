//! primary: Outcome

use keystroke::prelude::*;

pub type Outcome = Option<String>;

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
