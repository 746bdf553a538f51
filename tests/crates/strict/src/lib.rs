//! Every lint that a careful author may have switched on.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    unreachable_pub,
    single_use_lifetimes,
    trivial_casts,
    unused_lifetimes,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![forbid(unsafe_code)]

use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exa.
#[credential(key = "exa", name = "Exa", scope = project, validate = check)]
pub struct Exa {
    /// The key.
    #[field(name = "apiKey")]
    pub api_key: SecretString,
    /// Optional.
    pub other: Option<SecretString>,
    /// May be shown.
    #[field(plain)]
    pub site: Option<String>,
    /// Has a default.
    #[field(plain, default = 443)]
    pub port: u16,
}

const fn check(exa: &Exa) -> Result<(), &'static str> {
    if exa.port == 0 { Err("`port` is zero") } else { Ok(()) }
}

/// A connection.
#[credential(key = "notion", kind = keystroke)]
pub struct Notion {
    /// The handle.
    pub connection: Connection,
}

/// An input.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Input {
    /// A field.
    pub query: String,
}

/// An output.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// A field.
    pub results: Vec<String>,
}

/// Searches.
///
/// # Errors
/// If there is no user.
#[action(slug = "search", name = "Search", read_only, idempotent)]
pub async fn search(input: Input, exa: &Exa, notion: &Notion, cx: &ActionContext) -> Result<Output, Failure> {
    let user = cx.user().ok_or_else(|| Failure::new("no user"))?;
    let port = if notion.connection.account().is_some() { exa.port } else { 0 };
    std::future::ready(()).await;
    Ok(Output { results: vec![input.query, user.to_owned(), port.to_string()] })
}

/// The tools.
///
/// # Errors
/// Never.
pub fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![Search.scope(Project)]
}

/// Nothing, and private.
#[action(slug = "nothing")]
async fn nothing() -> Result<(), Failure> {
    std::future::ready(Ok(())).await
}

/// Those and another one.
///
/// # Errors
/// If two tools have one slug.
pub fn more_tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    toolset![
        /// All of them.
        ..tools(),
        #[cfg(not(test))]
        Nothing,
    ]
}
