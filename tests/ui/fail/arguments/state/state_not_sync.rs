//! primary: State<std::cell::Cell<u8>>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_calls: &State<std::cell::Cell<u8>>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
