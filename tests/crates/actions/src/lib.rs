//! Actions for other crates, one of them in a file-like module of its own.

use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[credential(key = "exa", scope = project)]
pub struct Exa {
    pub api_key: SecretString,
}

#[derive(Deserialize, JsonSchema)]
pub struct SearchInput {
    pub query: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Found {
    pub results: Vec<String>,
}

mod search {
    use super::*;

    /// Searches.
    #[action(slug = "search")]
    pub async fn search(SearchInput { query }: SearchInput, exa: &Exa) -> Result<Found, Failure> {
        let _ = exa.api_key.expose_secret();
        Ok(Found { results: vec![query] })
    }
}
pub use search::{Search, search};

/// All of them, as one value.
pub fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![Search]
}
