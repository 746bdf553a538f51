//! primary: value

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    #[field(value = "sk-1234567890")]
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
