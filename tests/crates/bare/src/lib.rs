//! A crate that depends on neither serde nor schemars: its inputs and outputs are types that have what it takes.

use std::collections::BTreeMap;

use keystroke::prelude::*;

#[credential(key = "exa", kind = oauth, oauth_scopes = ["search"])]
pub struct Exa {
    pub access_token: SecretString,
    pub account: Option<String>,
}

/// Searches.
#[action(slug = "search", read_only)]
pub async fn search(input: BTreeMap<String, String>, exa: &Exa) -> Result<Vec<String>, std::io::Error> {
    let _ = (exa.access_token.expose_secret(), &exa.account);
    Ok(input.into_values().collect())
}

/// The tools.
pub fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
    keystroke::toolset![Search]
}
