//! primary: main

use keystroke::prelude::*;

/// Runs.
#[action(slug = "main")]
async fn main() -> Result<(), Failure> {
    Ok(())
}
