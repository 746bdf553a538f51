//! primary: fn

use keystroke::prelude::*;

#[credential(key = "exa")]
pub async fn exa() {}

fn main() {
    drop(exa());
}
