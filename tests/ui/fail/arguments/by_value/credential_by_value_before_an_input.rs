//! primary: Exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Exa, _input: SearchInput) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
