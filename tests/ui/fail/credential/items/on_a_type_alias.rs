//! primary: type

use keystroke::prelude::*;

#[credential(key = "exa")]
pub type Exa = String;

fn main() {}
