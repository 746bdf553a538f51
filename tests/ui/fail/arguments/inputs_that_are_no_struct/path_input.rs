//! primary: std::path::PathBuf

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_path: std::path::PathBuf) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
