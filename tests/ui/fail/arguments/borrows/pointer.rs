//! primary: *const u8

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_at: *const u8) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
