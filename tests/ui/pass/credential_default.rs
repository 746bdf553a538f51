//! A derive above the attribute that a credential may have.
#![allow(unreachable_pub, missing_docs, reason = "what authors write in a library stands in a program here")]

use keystroke::prelude::*;

#[derive(Default)]
#[credential(key = "exa")]
pub struct Exa {
    pub api_key: Option<SecretString>,
}

pub(crate) fn main() {
    drop(Exa::default().api_key);
}
