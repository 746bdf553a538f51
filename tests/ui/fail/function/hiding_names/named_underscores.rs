//! primary: __

use keystroke::prelude::*;

/// Searches.
#[action(slug = "__")]
pub async fn __() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(__());
}
