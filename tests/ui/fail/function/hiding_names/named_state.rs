//! primary: state

use keystroke::prelude::*;

/// Searches.
#[action(slug = "state")]
pub async fn state() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(state());
}
