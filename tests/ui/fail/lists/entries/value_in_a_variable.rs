//! primary: post

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn post() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let post = Post.scope(Organization);
    let _ = toolset![post];
    let _ = Toolset::builder().add(post).build();
}
