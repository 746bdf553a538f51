//! primary: Content

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Picture {
    pub title: String,
    pub picture: Content,
}

/// Describes a picture.
#[action(slug = "describe")]
pub async fn describe(picture: Picture) -> Result<String, Failure> {
    Ok(picture.title)
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Describe.run(&run, Picture { title: String::new(), picture: Content::text("") }));
    let _ = toolset![Describe];
}
