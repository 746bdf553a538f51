//! primary: std::pin::Pin<Box<dyn Future<Output = ()>>>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
