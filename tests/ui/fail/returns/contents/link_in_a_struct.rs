//! primary: ResourceLink

use keystroke::prelude::*;

use keystroke::tool::ResourceLink;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Chart {
    pub title: String,
    pub source: ResourceLink,
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
