//! primary: impl Send

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_input: Vec<impl Send>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
