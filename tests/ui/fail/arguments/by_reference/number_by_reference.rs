//! primary: u32

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_limit: &u32) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
