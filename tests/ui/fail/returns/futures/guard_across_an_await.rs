//! primary: async

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), Failure> {
    let lock = std::sync::Mutex::new(1);
    let guard = lock.lock().map_err(|_| Failure::new("poisoned"))?;
    tokio::task::yield_now().await;
    drop(guard);
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
