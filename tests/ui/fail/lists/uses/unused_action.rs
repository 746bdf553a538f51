//! warning: idle

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Does nothing.
#[action(slug = "idle")]
async fn idle(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() {}
