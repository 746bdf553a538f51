//! primary: (Prices, Content)

use keystroke::prelude::*;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Prices {
    pub prices: Vec<u32>,
}

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<(Prices, Content), Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
