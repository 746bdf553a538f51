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

/// Keeps it.
#[action(slug = "keep")]
pub async fn keep(slack: &Slack) -> Result<(), Failure> {
    std::thread::spawn(move || slack.token.expose_secret().len());
    Ok(())
}

fn main() {
    let _ = toolset![Post, Keep];
}
