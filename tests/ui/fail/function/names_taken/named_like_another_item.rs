//! primary: exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Searches.
#[action(slug = "search")]
pub async fn exa() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(exa());
    drop(Exa { api_key: "x".into() });
}
