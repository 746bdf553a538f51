//! primary: Http

use keystroke::prelude::*;

pub struct Client;

pub type Http = State<Client>;

/// Searches.
#[action(slug = "search")]
pub async fn search(_http: &State<Client>, _cx: &ActionContext, _other: &Http) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
