//! primary: use

use keystroke::prelude::*;

#[action(slug = "search")]
use std::fmt::Debug as _;

fn main() {}
