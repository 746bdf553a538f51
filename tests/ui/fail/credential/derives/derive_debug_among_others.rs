//! primary: Debug

use keystroke::prelude::*;

#[credential(key = "exa")]
#[derive(Default, Debug)]
pub struct Exa {
    pub api_key: Option<SecretString>,
}

fn main() {}
