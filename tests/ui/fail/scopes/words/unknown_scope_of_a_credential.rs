//! primary: team

use keystroke::prelude::*;

#[credential(key = "exa", scope = team)]
pub struct Exa {
    pub api_key: SecretString,
}

/// Uses it.
#[action(slug = "use-exa")]
pub async fn use_exa(exa: &Exa) -> Result<(), Failure> {
    let _ = exa.api_key.expose_secret();
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(UseExa.run(&run, ()));
    let _ = toolset![UseExa];
    println!("{:?}", Exa { api_key: "x".into() });
}
