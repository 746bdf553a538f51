//! primary: Pinned<String, User>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(_exa: &Pinned<String, User>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Post];
}
