//! primary: secrecy::SecretString

use keystroke::prelude::*;

mod secrecy {
    pub struct SecretString(pub String);
}

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: secrecy::SecretString,
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
