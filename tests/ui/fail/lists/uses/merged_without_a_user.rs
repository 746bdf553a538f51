//! primary: &run

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

fn main() -> Result<(), keystroke::ToolsetErrors> {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let tools = toolset![Post]?.merge(toolset![Post.scope(User)]?)?;
    drop(tools.call("post", serde_json::json!({}), &run));
    Ok(())
}
