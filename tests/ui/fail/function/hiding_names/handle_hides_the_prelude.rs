//! primary: Result

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search", handle = Result)]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(search());
    let _: Option<String> = None;
    let _ = run;
}
