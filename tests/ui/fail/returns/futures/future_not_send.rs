//! primary: async

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), Failure> {
    let shared = std::rc::Rc::new(());
    tokio::task::yield_now().await;
    drop(shared);
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
