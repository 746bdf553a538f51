//! primary: trait

use keystroke::prelude::*;

#[action(slug = "search")]
pub trait Client {
    /// Searches.
    fn search(&self);
}

fn main() {}
