//! primary: toolset![Post]?

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
    let tools: Toolset<NoUser> = toolset![Post]?;
    drop(tools);
    Ok(())
}
