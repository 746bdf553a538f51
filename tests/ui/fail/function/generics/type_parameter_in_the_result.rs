//! primary: <T: Default>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search<T: Default>() -> Result<T, Failure> {
    Ok(T::default())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
