//! primary: content

use keystroke::prelude::*;

/// Searches.
#[action(slug = "content")]
pub async fn content() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(content());
}
