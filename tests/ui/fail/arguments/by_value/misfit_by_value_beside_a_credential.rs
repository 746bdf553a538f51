//! primary: Database

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

pub struct Database {
    pub url: String,
}

/// Searches.
#[action(slug = "search")]
pub async fn search(_db: Database, _exa: &Exa) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
