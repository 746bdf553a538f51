//! primary: Report

use keystroke::prelude::*;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Report {
    #[serde(skip)]
    pub shared: std::rc::Rc<()>,
}

/// Searches.
#[action(slug = "search")]
pub async fn search() -> Result<Report, Failure> {
    todo!()
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
