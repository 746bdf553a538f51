//! primary: impl

use keystroke::prelude::*;

pub struct Client;

#[action(slug = "search")]
impl Client {
    /// Searches.
    pub async fn search(&self) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    drop(Client.search());
}
