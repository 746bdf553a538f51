//! primary: State<Client>

use keystroke::prelude::*;

pub struct Client;

/// Searches.
#[action(slug = "search")]
pub async fn search(_http: Option<&State<Client>>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
