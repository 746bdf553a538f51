//! primary: [u8; 4]

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_bytes: [u8; 4]) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
