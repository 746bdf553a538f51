//! primary: SearchInput

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(limit: u32, input: SearchInput) -> Result<(), Failure> {
    drop((limit, input));
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
