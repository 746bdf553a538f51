//! primary: '_

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub type Lent<'a> = &'a Exa;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Lent<'_>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
