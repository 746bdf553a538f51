//! primary: impl

use keystroke::prelude::*;

pub struct Exa;

#[credential(key = "exa")]
impl Exa {}

fn main() {
    let _ = Exa;
}
