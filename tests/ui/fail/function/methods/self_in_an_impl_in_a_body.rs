//! primary: &self

use keystroke::prelude::*;

fn main() {
    struct Client;
    impl Client {
        /// Searches.
        #[action(slug = "search")]
        async fn search(&self) -> Result<(), Failure> {
            Ok(())
        }
    }
    drop(Client.search());
}
