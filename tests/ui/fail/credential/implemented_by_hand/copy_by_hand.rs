//! primary: Exa

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    #[field(plain)]
    pub team: u32,
}

impl Copy for Exa {}

impl Clone for Exa {
    fn clone(&self) -> Self {
        *self
    }
}

fn main() {}
