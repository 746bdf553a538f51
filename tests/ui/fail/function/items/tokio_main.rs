//! primary: main

use keystroke::prelude::*;

/// Runs.
#[action(slug = "main")]
#[tokio::main]
async fn main() -> Result<(), Failure> {
    Ok(())
}
