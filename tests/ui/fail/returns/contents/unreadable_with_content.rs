//! primary: WithContent<Prices>

use keystroke::prelude::*;

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Prices {
    pub prices: Vec<u32>,
}

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<WithContent<Prices>, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
