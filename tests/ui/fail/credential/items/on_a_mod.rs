//! primary: mod

use keystroke::prelude::*;

#[credential(key = "exa")]
mod exa {}

fn main() {}
