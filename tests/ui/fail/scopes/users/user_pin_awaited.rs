//! primary: &run

use keystroke::prelude::*;

#[credential(key = "slack", scope = user)]
pub struct Slack {
    pub token: SecretString,
}

/// Posts a message.
#[action(slug = "post")]
pub async fn post(slack: &Slack) -> Result<(), Failure> {
    let _ = &slack.token;
    Ok(())
}

async fn go(run: Run<keystroke::Anonymous>) -> Result<(), ActionError<Failure>> {
    Post.run(&run, ()).await?;
    Ok(())
}

fn main() {
    let _ = go;
}
