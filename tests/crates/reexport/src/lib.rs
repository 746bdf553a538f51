//! Another crate's actions, re-exported and used.

pub use actions::{Search, search};
use keystroke::prelude::*;

/// An action that uses another crate's credential and types.
#[action(slug = "again")]
pub async fn again(input: actions::SearchInput, exa: &actions::Exa) -> Result<actions::Found, Failure> {
    search(input, exa).await
}

/// The tools.
pub fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![actions::Search.scope(Project), crate::Again]
}

/// Another crate's tools, and one of its own.
pub fn all_tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![..actions::tools(), Again]
}

/// A typed run.
pub async fn run(run: &Run<Anonymous>) -> Result<Vec<String>, ActionError<Failure>> {
    let input = actions::SearchInput { query: "rust".into() };
    Ok(Search.run(run, input).await?.results)
}
