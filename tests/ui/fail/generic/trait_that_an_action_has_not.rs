//! primary: Search

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}

fn in_order<A: Ord>(_: A) {}

fn main() {
    in_order(Search);
}
