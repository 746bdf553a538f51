//! primary: &self

use keystroke::prelude::*;

pub struct Client;

impl Client {
    pub fn tools(&self) {
        /// Searches.
        #[action(slug = "search")]
        async fn search(&self) -> Result<(), Failure> {
            Ok(())
        }
        let _ = toolset![Search];
    }
}

fn main() {
    Client.tools();
}
