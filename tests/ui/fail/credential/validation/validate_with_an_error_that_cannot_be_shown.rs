//! primary: check

use keystroke::prelude::*;

pub struct Hidden;

fn check(_: &Exa) -> Result<(), Hidden> {
    Err(Hidden)
}

#[credential(key = "exa", validate = check)]
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
