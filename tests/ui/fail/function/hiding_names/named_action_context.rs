//! primary: action_context

use keystroke::prelude::*;

/// Searches.
#[action(slug = "act")]
pub async fn action_context(cx: &ActionContext) -> Result<(), Failure> {
    let _ = cx;
    Ok(())
}

fn main() {
    let _ = action_context;
}
