//! primary: &self

use keystroke::prelude::*;

mod inner {
    use keystroke::prelude::*;

    pub struct Client;

    pub mod deeper {
        use super::*;

        impl<F: Fn(u8) -> u8> From<F> for Client {
            fn from(_: F) -> Self {
                Self
            }
        }
        impl Client {
            pub const CLOSING: char = '}';
            /// Searches.
            #[action(slug = "search")]
            pub async fn search(&self) -> Result<(), Failure> {
                Ok(())
            }
        }
    }
}

fn main() {
    drop(inner::Client.search());
}
