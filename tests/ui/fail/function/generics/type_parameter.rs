//! primary: <T>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search<T>(_input: T) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
