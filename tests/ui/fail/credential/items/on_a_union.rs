//! primary: union

use keystroke::prelude::*;

#[credential(key = "exa")]
pub union Exa {
    pub one: u8,
}

fn main() {}
