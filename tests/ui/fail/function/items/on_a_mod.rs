//! primary: mod

use keystroke::prelude::*;

#[action(slug = "search")]
mod actions {
    pub fn search() {}
}

fn main() {
    actions::search();
}
