//! primary: struct

use keystroke::prelude::*;

/// Secrets.
#[action(slug = "search")]
pub struct Search {
    pub token: SecretString,
}

fn main() {}
