//! primary: _

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: _) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
