//! primary: search

use keystroke::prelude::*;

pub struct Client;

impl Client {
    /// Searches.
    #[action(slug = "search")]
    pub async fn search(client: &Self) -> Result<(), Failure> {
        let _ = client;
        Ok(())
    }
}

fn main() {
    drop(Client::search(&Client));
}
