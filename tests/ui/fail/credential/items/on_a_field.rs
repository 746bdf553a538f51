//! primary: credential

use keystroke::prelude::*;

pub struct Exa {
    #[credential(key = "exa")]
    pub api_key: SecretString,
}

fn main() {
    drop(Exa { api_key: "x".into() }.api_key);
}
