//! primary: &self

use keystroke::prelude::*;

pub struct Client;

macro_rules! methods {
    ($($method:item)*) => {
        impl Client {
            $($method)*
        }
    };
}
methods! {
    /// Searches.
    #[action(slug = "search")]
    pub async fn search(&self) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    drop(Client.search());
}
