//! primary: include_str!("../../../../../LICENSE-MIT")

use keystroke::prelude::*;

#[doc = include_str!("../../../../../LICENSE-MIT")]
#[action(slug = "web-search")]
pub async fn web_search() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![WebSearch];
}
