//! primary: Clone

use keystroke::prelude::*;

#[credential(key = "exa")]
#[derive(Default, Clone)]
pub struct Exa {
    pub api_key: Option<SecretString>,
}

fn main() {}
