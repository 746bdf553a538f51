//! primary: SecretString

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_key: SecretString) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
