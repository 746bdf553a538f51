//! primary: Region

use keystroke::prelude::*;

#[derive(Debug)]
pub enum Region {
    Eu,
}

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
    #[field(plain)]
    pub region: Region,
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
