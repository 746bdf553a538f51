//! primary: option

use keystroke::prelude::*;

/// Searches.
#[action(slug = "option")]
pub async fn option() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(option());
    let _: Option<String> = None;
    let _ = run;
}
