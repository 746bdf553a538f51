//! primary: Pinned<Exa, Project>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Pinned<Exa, Project>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
