//! primary: MyError

use keystroke::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("mine")]
pub struct MyError(std::rc::Rc<()>);

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<(), MyError> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
