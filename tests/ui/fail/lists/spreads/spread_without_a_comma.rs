//! primary: Read

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

pub fn library() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![Post]
}

/// Reads.
#[action(slug = "read")]
pub async fn read() -> Result<(), Failure> {
    Ok(())
}

fn main() -> Result<(), keystroke::ToolsetErrors> {
    let _ = toolset![..library()? Read];
    Ok(())
}
