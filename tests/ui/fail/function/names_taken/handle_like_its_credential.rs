//! primary: Exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search", handle = Exa)]
pub async fn search(exa: &Exa) -> Result<(), Failure> {
    let _ = exa;
    Ok(())
}

fn main() {
    let _ = search;
}
