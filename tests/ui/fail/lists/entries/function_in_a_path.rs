//! primary: actions::post

use keystroke::prelude::*;

mod actions {
    use keystroke::prelude::*;

    /// Posts a message.
    #[action(slug = "post")]
    pub async fn post() -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(actions::Post.run(&run, ()));
    let _ = toolset![actions::post];
}
