//! primary: Outcome

use keystroke::prelude::*;

#[derive(Debug)]
pub struct MyError;

pub type Outcome = Result<(), MyError>;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Outcome {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
