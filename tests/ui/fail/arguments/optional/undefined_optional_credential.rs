//! primary: Missing

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_exa: Option<&Missing>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
