//! primary: #[test]

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![#[test] Post];
}
