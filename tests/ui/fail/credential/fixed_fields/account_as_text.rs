//! primary: String

use keystroke::prelude::*;

#[credential(key = "exa", kind = oauth)]
pub struct Exa {
    pub access_token: SecretString,
    pub account: String,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa) -> Result<(), Failure> {
    let _ = exa;
    Ok(())
}

fn main() {
    let _ = toolset![UseExa];
}
