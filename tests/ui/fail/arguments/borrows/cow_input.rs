//! primary: '_

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(query: std::borrow::Cow<'_, str>) -> Result<(), Failure> {
    drop(query);
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
