//! primary: Again

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

/// Posts a message again.
#[action(slug = "post")]
pub async fn again() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![#[cfg(any())] Missing, Post, #[cfg(not(any()))] Again];
}
