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

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: String,
}

fn main() {
    let _ = toolset![Post];
}
