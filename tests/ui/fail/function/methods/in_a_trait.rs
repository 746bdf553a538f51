//! primary: search

use keystroke::prelude::*;

#[allow(async_fn_in_trait, reason = "another matter")]
pub trait Client {
    /// Searches.
    #[action(slug = "search")]
    async fn search() -> Result<(), Failure> {
        Ok(())
    }
}

impl Client for () {}

fn main() {
    drop(<() as Client>::search());
}
