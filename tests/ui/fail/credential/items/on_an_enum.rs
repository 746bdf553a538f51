//! primary: enum

use keystroke::prelude::*;

#[credential(key = "exa")]
pub enum Exa {
    One,
}

fn main() {
    let _ = Exa::One;
}
