//! primary: fn

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub fn search() -> impl Future<Output = Result<(), Failure>> {
    async { Ok(()) }
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
