//! primary: concat!("ex", "a")

use keystroke::prelude::*;

#[credential(key = concat!("ex", "a"))]
pub struct ExaSearch {
    pub api_key: SecretString,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &ExaSearch) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
