//! primary: &self

use keystroke::prelude::*;

pub struct Client;

macro_rules! client {
    ($name:ident) => {
        impl Client {
            /// Searches.
            #[action(slug = "search")]
            pub async fn $name(&self) -> Result<(), Failure> {
                Ok(())
            }
        }
    };
}
client!(search);

fn main() {
    drop(Client.search());
}
