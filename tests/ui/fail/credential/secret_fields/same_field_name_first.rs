//! primary: other

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    #[field(name = "other")]
    pub api_key: SecretString,
    pub other: SecretString,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa) -> Result<(), Failure> {
    let _ = exa.api_key.expose_secret();
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
