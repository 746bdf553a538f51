//! primary: SecretString

use keystroke::prelude::*;

#[credential(key = "exa", kind = keystroke)]
pub struct Exa {
    pub connection: SecretString,
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
