//! primary: union

use keystroke::prelude::*;

#[action(slug = "search")]
pub union Search {
    pub one: u8,
}

fn main() {}
