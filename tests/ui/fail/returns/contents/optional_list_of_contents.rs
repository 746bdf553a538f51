//! primary: Option<Vec<Content>>

use keystroke::prelude::*;

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<Option<Vec<Content>>, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
