//! primary: FIELD

use keystroke::prelude::*;

#[allow(dead_code, reason = "named in the attribute alone")]
const FIELD: &str = "x";

#[credential(key = "exa")]
pub struct ExaSearch {
    #[field(name = FIELD)]
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
