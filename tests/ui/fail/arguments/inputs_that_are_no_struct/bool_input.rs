//! primary: bool

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exact: bool) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
