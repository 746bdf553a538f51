//! primary: State<ActionContext>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_cx: &State<ActionContext>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
