//! primary: failure

use keystroke::prelude::*;

/// Searches.
#[action(slug = "failure")]
pub async fn failure() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(failure());
}
