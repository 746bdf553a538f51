//! primary: '_

use keystroke::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Borrowed<'a> {
    pub text: std::borrow::Cow<'a, str>,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Borrowed<'_>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
