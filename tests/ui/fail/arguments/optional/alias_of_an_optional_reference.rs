//! primary: Maybe

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub type Maybe = Option<&'static Exa>;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Maybe) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
