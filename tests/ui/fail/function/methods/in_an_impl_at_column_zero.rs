//! primary: search

use keystroke::prelude::*;

pub struct Client<const N: usize>;

impl Client<{ 1 + 1 }> {
/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), Failure> {
    Ok(())
}
}

fn main() {
    drop(Client::<2>::search());
}
