//! primary: &runtime.organization("acme")

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
    let runtime = Runtime::new(MemoryStore::new());
    let tools = toolset![Post.scope(User)]?;
    drop(tools.call("post", serde_json::json!({}), &runtime.organization("acme")));
    Ok(())
}
