//! primary: Database

use keystroke::prelude::*;

pub struct Database {
    pub url: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_db: &Database) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
