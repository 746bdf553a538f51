//! primary: &run

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(exa: &Exa) -> Result<(), Failure> {
    let _ = &exa.api_key;
    Ok(())
}

fn main() -> Result<(), keystroke::ToolsetErrors> {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let tools = toolset![Post.scope(User)]?;
    drop(tools.call("post", serde_json::json!({}), &run));
    Ok(())
}
