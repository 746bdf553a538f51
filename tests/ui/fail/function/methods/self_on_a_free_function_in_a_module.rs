//! primary: &self

use keystroke::prelude::*;

mod tools {
    use keystroke::prelude::*;

    /// Searches.
    #[action(slug = "search")]
    pub async fn search(&self) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(tools::Search.run(&run, ()));
    let _ = toolset![tools::Search];
}
