//! primary: trait

use keystroke::prelude::*;

#[credential(key = "exa")]
pub trait Exa {}

fn main() {}
