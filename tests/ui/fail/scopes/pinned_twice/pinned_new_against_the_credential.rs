//! primary: Pinned::<Slack, Project>::new(Slack { token: "x".into() })

use keystroke::prelude::*;

#[credential(key = "slack", scope = user)]
pub struct Slack {
    pub token: SecretString,
}

fn main() {
    drop(Pinned::<Slack, Project>::new(Slack { token: "x".into() }));
}
