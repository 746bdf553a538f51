//! primary: pub async fn search

use keystroke::prelude::*;

pub struct Client;

impl Client {
    /// Searches.
    #[action(slug = "search")]
    pub async fn search() -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    drop(Client::search());
}
