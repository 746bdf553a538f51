//! primary: macro_rules

use keystroke::prelude::*;

#[action(slug = "search")]
macro_rules! search {
    () => {};
}

fn main() {
    search!();
}
