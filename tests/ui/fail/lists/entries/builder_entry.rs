//! primary: search

use keystroke::prelude::*;

/// Posts a message.
#[action(slug = "post")]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Toolset::builder().add(search).build();
}
