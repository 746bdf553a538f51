//! primary: Query

use keystroke::prelude::*;

pub type Query = String;

/// Searches.
#[action(slug = "search")]
pub async fn search(_query: Query) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
