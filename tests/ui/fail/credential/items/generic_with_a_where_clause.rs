//! primary: <T>

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa<T> where T: Send {
    pub api_key: SecretString,
    #[field(plain)]
    pub team: T,
}

fn main() {}
