//! primary: background

use keystroke::prelude::*;

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let _ = run.as_user("ada").background(BackgroundOrigin::Webhook);
}
