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

/// Gives it away.
#[action(slug = "give")]
pub async fn give(slack: &Slack) -> Result<SecretString, Failure> {
    Ok(slack.token.expose_secret().into())
}

fn main() {
    let _ = toolset![Post, Give];
}
