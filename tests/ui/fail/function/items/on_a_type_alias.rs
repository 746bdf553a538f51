//! primary: type

use keystroke::prelude::*;

#[action(slug = "search")]
pub type Search = u8;

fn main() {}
