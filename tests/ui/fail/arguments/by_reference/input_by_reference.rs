//! primary: SearchInput

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: &SearchInput) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
