//! The dependency under another name: `crate = ::keyed` in the attributes, nothing in `toolset!`.

use keyed::prelude::*;

#[credential(key = "exa", crate = ::keyed, validate = check)]
pub struct Exa {
    pub api_key: SecretString,
    #[field(plain, default = 443)]
    pub port: u16,
}

fn check(exa: &Exa) -> Result<(), String> {
    if exa.port == 0 { Err("`port` is zero".into()) } else { Ok(()) }
}

/// Searches.
#[action(slug = "search", crate = ::keyed)]
pub async fn search(exa: &Pinned<Exa, Project>, cx: &ActionContext) -> Result<usize, Failure> {
    let _ = cx.user();
    Ok(exa.api_key.expose_secret().len())
}

/// Reads.
#[action(slug = "read", crate = ::keyed)]
pub async fn read(exa: &Exa) -> Result<u16, Failure> {
    Ok(exa.port)
}

/// Both.
pub fn tools() -> Result<Toolset<NeedsUser>, keyed::ToolsetErrors> {
    toolset![Search, Read.scope(User)]
}

/// The facade through a path of this crate.
pub mod inner {
    pub use keyed;

    /// Nothing.
    #[keyed::action(slug = "nothing", crate = crate::inner::keyed)]
    pub async fn nothing() -> Result<(), keyed::Failure> {
        Ok(())
    }
}
