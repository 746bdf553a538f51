//! primary: LIMIT

use keystroke::prelude::*;

const LIMIT: usize = 3;

#[credential(key = "exa", validate = LIMIT)]
pub struct Exa {
    pub api_key: SecretString,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
