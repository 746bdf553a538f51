//! primary: organization

use keystroke::prelude::*;

/// Searches.
#[action(slug = "organization")]
pub async fn organization() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(organization());
    let _: Option<String> = None;
    let _ = run;
}
