//! primary: Pinned<Exa, Team>

use keystroke::prelude::*;

#[derive(Clone, Copy, Default)]
pub struct Team;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(exa: &Pinned<Exa, Team>) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() {
    let _ = toolset![Post];
}
