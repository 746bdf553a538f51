//! primary: ResourceLink

use keystroke::prelude::*;

use keystroke::tool::ResourceLink;

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<ResourceLink, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
