//! primary: user

use keystroke::prelude::*;

/// Searches.
#[action(slug = "user")]
pub async fn user() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research").as_user("ada");
    drop(user());
    let _: Option<String> = None;
    let _ = run;
}
