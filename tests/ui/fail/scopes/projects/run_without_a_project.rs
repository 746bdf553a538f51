//! primary: &runtime.organization("acme")

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() {
    let runtime = Runtime::new(MemoryStore::new());
    drop(Post.run(&runtime.organization("acme"), ()));
}
