//! primary: const

use keystroke::prelude::*;

#[action(slug = "search")]
pub const SEARCH: u8 = 1;

fn main() {
    let _ = SEARCH;
}
