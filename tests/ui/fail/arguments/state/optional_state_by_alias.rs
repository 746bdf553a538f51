//! primary: Shared<Client>

use std::sync::Arc;

use keystroke::prelude::*;

pub struct Client;

pub type Shared<T> = State<Arc<T>>;

/// Searches.
#[action(slug = "search")]
pub async fn search(_http: Option<&Shared<Client>>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = toolset![Search];
}
