//! primary: string

use keystroke::prelude::*;

/// Searches.
#[action(slug = "string")]
pub async fn string() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(string());
    let _: Option<String> = None;
    let _ = run;
}
