//! primary: State<Connection>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_connection: &State<Connection>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
