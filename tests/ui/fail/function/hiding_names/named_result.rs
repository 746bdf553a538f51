//! primary: result

use keystroke::prelude::*;

/// Searches.
#[action(slug = "result")]
pub async fn result() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(result());
    let _: Option<String> = None;
    let _ = run;
}
