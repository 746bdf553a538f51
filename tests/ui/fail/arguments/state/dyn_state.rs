//! primary: State<dyn Mailer>

use keystroke::prelude::*;

pub trait Mailer: Send + Sync {}

/// Searches.
#[action(slug = "search")]
pub async fn search(_mailer: &State<dyn Mailer>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
