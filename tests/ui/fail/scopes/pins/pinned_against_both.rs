//! primary: Pinned<Slack, Organization>

use keystroke::prelude::*;

#[credential(key = "slack", scope = user)]
pub struct Slack {
    pub token: SecretString,
}

/// Posts a message.
#[action(slug = "post", scope = project)]
pub async fn post(slack: &Pinned<Slack, Organization>) -> Result<(), Failure> {
    let _ = &slack.token;
    Ok(())
}

fn main() {
    let _ = toolset![Post];
}
