//! primary: plain

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

async fn plain() {}

fn main() {
    let _ = toolset![Post, plain];
}
