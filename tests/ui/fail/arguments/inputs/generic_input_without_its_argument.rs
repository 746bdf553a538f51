//! primary: Page

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Page<T> {
    pub item: T,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: Page) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
