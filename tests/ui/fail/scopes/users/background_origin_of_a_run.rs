//! primary: BackgroundOrigin::Poll

use keystroke::prelude::*;

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let _ = run.origin(BackgroundOrigin::Poll);
}
