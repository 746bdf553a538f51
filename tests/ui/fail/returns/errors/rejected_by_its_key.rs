//! primary: "slack"

use keystroke::prelude::*;

#[credential(key = "slack", kind = oauth)]
pub struct Slack {
    pub access_token: SecretString,
}

/// Posts.
#[action(slug = "post")]
pub async fn post(slack: &Slack) -> Result<(), Failure> {
    let _ = slack;
    Err(Failure::rejected("slack"))
}

fn main() {
    let _ = toolset![Post];
}
