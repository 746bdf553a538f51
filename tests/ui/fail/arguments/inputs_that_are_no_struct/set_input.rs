//! primary: std::collections::HashSet<String>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_queries: std::collections::HashSet<String>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
