//! primary: &self

use keystroke::prelude::*;

#[allow(async_fn_in_trait, reason = "another matter")]
pub trait Client {
    /// Searches.
    #[action(slug = "search")]
    async fn search(&self) -> Result<(), Failure>;
}

impl Client for () {
    async fn search(&self) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    drop(().search());
}
