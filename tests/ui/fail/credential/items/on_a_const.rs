//! primary: const

use keystroke::prelude::*;

#[credential(key = "exa")]
pub const EXA: u8 = 1;

fn main() {
    let _ = EXA;
}
