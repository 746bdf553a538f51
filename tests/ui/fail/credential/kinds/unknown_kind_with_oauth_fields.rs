//! primary: oauth2

use keystroke::prelude::*;

#[credential(key = "exa", kind = oauth2)]
pub struct Exa {
    pub api_key: SecretString,
    pub account: Option<String>,
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
