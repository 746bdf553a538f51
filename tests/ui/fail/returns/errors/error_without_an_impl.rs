//! primary: MyError

use keystroke::prelude::*;

#[derive(Debug)]
pub struct MyError;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), MyError> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
