//! primary: search

use keystroke::prelude::*;

unsafe extern "C" {
    /// Searches.
    #[action(slug = "search")]
    async fn search() -> u8;
}

fn main() {
    let _ = search as unsafe extern "C" fn() -> u8;
}
