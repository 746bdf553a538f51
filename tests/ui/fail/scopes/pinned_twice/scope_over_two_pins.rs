//! primary: User

use keystroke::prelude::*;

#[credential(key = "slack", scope = user)]
pub struct Slack {
    pub token: SecretString,
}

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(slack: &Slack, _exa: &Pinned<Exa, Project>) -> Result<(), Failure> {
    let _ = &slack.token;
    Ok(())
}

fn main() {
    let _ = Post.scope(User);
}
