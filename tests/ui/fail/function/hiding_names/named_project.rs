//! primary: project

use keystroke::prelude::*;

/// Searches.
#[action(slug = "project")]
pub async fn project() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(project());
    let _: Option<String> = None;
    let _ = run;
}
