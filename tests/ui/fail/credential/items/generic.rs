//! primary: <T>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa<T> {
    pub api_key: SecretString,
    #[field(plain)]
    pub team: T,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa<String>) -> Result<(), Failure> {
    let _ = exa.api_key.expose_secret();
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
