//! primary: include_str!("../../../../../LICENSE-MIT")

use keystroke::prelude::*;

/// Searches.
#[action(slug = "web-search")]
#[doc = include_str!("../../../../../LICENSE-MIT")]
pub async fn web_search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![WebSearch];
}
