//! primary: enum

use keystroke::prelude::*;

#[action(slug = "search")]
pub enum Search {
    One,
}

fn main() {
    let _ = Search::One;
}
