//! primary: const

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub const async fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
