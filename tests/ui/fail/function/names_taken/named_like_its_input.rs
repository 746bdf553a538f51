//! primary: search_input

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search_input(input: SearchInput) -> Result<(), Failure> {
    drop(input);
    Ok(())
}

fn main() {
    let _ = search_input;
}
