//! primary: ContentPart

use keystroke::prelude::*;

use keystroke::tool::ContentPart;

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<ContentPart, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
