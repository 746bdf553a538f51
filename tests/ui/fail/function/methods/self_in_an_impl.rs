//! primary: &self

use keystroke::prelude::*;

pub struct Client;

impl Client {
    /// Searches.
    #[action(slug = "search")]
    pub async fn search(&self) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    drop(Client.search());
}
