use keystroke::prelude::*;

#[derive(Default)]
#[credential(key = "exa")]
pub struct Exa {
    pub api_key: Option<SecretString>,
}

fn main() {
    drop(Exa::default().api_key);
}
