//! primary: as_user

use keystroke::prelude::*;

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let _ = run.background(BackgroundOrigin::Webhook).as_user("ada");
}
