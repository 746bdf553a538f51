//! primary: Exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa(pub SecretString);

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa) -> Result<(), Failure> {
    let _ = exa.0.expose_secret();
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
