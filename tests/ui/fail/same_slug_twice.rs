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

/// Posts another one.
#[action(slug = "post")]
pub async fn post_again(slack: &Slack) -> Result<(), Failure> {
    let _ = &slack.token;
    Ok(())
}

fn main() {
    let _ = toolset![Post, PostAgain];
}
