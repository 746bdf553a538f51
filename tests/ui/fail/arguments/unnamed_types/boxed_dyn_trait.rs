//! primary: Box<dyn Send>

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_client: Box<dyn Send>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
