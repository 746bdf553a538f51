use keystroke::prelude::*;

#[credential(key = "slack")]
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
    let tools = toolset![Post.scope(User)]?;
    drop(tools.call("post", serde_json::json!({}), &run));
    Ok(())
}
