//! primary: concat!("It ", "is fast.")

use keystroke::prelude::*;

/// Searches.
#[doc = concat!("It ", "is fast.")]
#[action(slug = "web-search")]
pub async fn web_search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![WebSearch];
}
