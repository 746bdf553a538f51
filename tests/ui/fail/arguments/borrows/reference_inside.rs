//! primary: &

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_queries: Vec<&str>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
