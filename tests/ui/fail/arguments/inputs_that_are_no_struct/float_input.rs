//! primary: f64

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_at: f64) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
