//! primary: default

use keystroke::prelude::*;

#[credential(key = "exa", default = "sk-1234567890")]
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
