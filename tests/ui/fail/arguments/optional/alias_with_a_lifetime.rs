//! primary: '_

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub type Maybe<'a> = Option<&'a Exa>;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Maybe<'_>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
