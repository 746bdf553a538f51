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

/// Searches.
#[action(slgu = "search")]
pub async fn search(slack: &Slack) -> Result<(), Failure> {
    let _ = slack;
    Ok(())
}

fn main() {
    let _ = toolset![Post, Search];
}
