//! primary: library()

use keystroke::prelude::*;

fn library() -> Vec<u8> {
    Vec::new()
}

fn main() {
    let _ = toolset![..library()];
}
