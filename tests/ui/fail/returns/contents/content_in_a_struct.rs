//! primary: Content

use keystroke::prelude::*;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Chart {
    pub title: String,
    pub picture: Content,
}

/// Draws.
#[action(slug = "draw")]
pub async fn draw() -> Result<Chart, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Draw.run(&run, ()));
    let _ = toolset![Draw];
}
