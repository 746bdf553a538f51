//! primary: action_

use keystroke::prelude::*;

/// Searches.
#[action(slug = "act")]
pub async fn action_() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(action_());
}
