//! primary: send

use keystroke::prelude::*;

/// Searches.
#[action(slug = "send")]
pub async fn send() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(send());
    let _: Option<String> = None;
    let _ = run;
}
