//! primary: extern "C"

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async extern "C" fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
