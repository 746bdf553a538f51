//! primary: Action

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let actions: Vec<Box<dyn Action>> = vec![];
    let _ = (actions, toolset![Post]);
}
