//! primary: &run

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
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Post.scope(User).run(&run, ()));
}
