//! primary: refresh_token

use keystroke::prelude::*;

#[credential(key = "slack", kind = oauth)]
pub struct Slack {
    pub access_token: SecretString,
    pub refresh_token: SecretString,
}

/// Uses it.
#[action(slug = "use-slack")]
pub async fn use_slack(slack: &Slack) -> Result<(), Failure> {
    let _ = slack;
    Ok(())
}

fn main() {
    let _ = toolset![UseSlack];
}
