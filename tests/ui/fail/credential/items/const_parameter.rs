//! primary: <const N: usize>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa<const N: usize> {
    pub api_key: SecretString,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa<1>) -> Result<(), Failure> {
    let _ = exa.api_key.expose_secret();
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
