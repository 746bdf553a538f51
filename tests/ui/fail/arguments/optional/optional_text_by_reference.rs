//! primary: str

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(query: Option<&str>) -> Result<(), Failure> {
    let _ = query;
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
