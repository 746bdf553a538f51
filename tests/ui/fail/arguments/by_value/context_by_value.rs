//! primary: ActionContext

use keystroke::prelude::*;

/// Searches.
#[action(slug = "search")]
pub async fn search(_cx: ActionContext) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
