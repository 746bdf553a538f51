//! primary: <'a>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa<'a> {
    pub api_key: &'a SecretString,
}

fn main() {}
