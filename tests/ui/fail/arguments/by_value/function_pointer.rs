//! primary: fn(u8) -> u8

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_f: fn(u8) -> u8) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
