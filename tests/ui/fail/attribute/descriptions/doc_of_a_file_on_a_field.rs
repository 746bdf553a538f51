//! primary: include_str!("../../../../../LICENSE-MIT")

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct ExaSearch {
    /// The key.
    #[doc = include_str!("../../../../../LICENSE-MIT")]
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
