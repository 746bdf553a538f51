//! primary: &run

use keystroke::prelude::*;

#[credential(key = "slack", scope = user)]
pub struct Slack {
    pub token: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(slack: &Slack) -> Result<(), Failure> {
    let _ = &slack.token;
    Ok(())
}

fn main() -> Result<(), keystroke::ToolsetErrors> {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let tools = toolset![Post]?;
    drop(tools.preflight(&run));
    Ok(())
}
