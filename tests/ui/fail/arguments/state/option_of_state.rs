//! primary: Option<State<Client>>

use keystroke::prelude::*;

pub struct Client;

/// Searches.
#[action(slug = "search")]
pub async fn search(_http: Option<State<Client>>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, None));
    let _ = toolset![Search];
}
