//! primary: Post

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

fn main() -> Result<(), keystroke::ToolsetErrors> {
    let _ = toolset![Post]?.merge(Post);
    Ok(())
}
