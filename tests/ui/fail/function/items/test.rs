//! primary: #[tokio::test]

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
#[tokio::test]
async fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
