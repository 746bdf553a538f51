//! primary: std::sync::Arc<Exa>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: std::sync::Arc<Exa>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
