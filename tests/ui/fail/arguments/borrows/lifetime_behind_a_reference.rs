//! primary: '_

use keystroke::prelude::*;

pub struct Borrowed<'a>(pub &'a str);

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: &Borrowed<'_>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
