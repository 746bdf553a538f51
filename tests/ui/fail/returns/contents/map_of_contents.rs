//! primary: HashMap<String, Content>

use keystroke::prelude::*;

use std::collections::HashMap;

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<HashMap<String, Content>, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
