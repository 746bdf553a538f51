//! primary: User

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search", handle = User)]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(search());
    let _: Option<String> = None;
    let _ = run;
}
