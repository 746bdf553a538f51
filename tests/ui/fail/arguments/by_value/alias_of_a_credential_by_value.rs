//! primary: Key

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub type Key = Exa;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Key) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
