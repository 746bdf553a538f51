//! primary: KEY

use keystroke::prelude::*;

#[allow(dead_code, reason = "named in the attribute alone")]
const KEY: &str = "x";

#[credential(key = KEY)]
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
