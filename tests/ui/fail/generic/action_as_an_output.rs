//! primary: Search

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}

fn stored<A: serde::Serialize>(_: A) {}

fn main() {
    stored(Search);
}
