//! primary: some

use keystroke::prelude::*;

/// Searches.
#[action(slug = "some")]
pub async fn some() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(some());
    let _: Option<String> = None;
    let _ = run;
}
