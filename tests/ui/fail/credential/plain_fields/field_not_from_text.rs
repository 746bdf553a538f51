//! primary: std::time::Duration

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
    #[field(plain)]
    pub timeout: std::time::Duration,
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
