//! Scopes: how they are written, and which are the same or contain others.

use std::collections::BTreeMap;

/// How a provider writes scopes, and what it calls the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scopes {
    /// The parameter of the authorization request: `scope`, Slack's `user_scope`.
    pub parameter: String,
    /// What is between two in a request.
    pub separator: char,
    /// What is between two in an answer.
    pub answer_separator: char,
    /// Asked for always: `offline_access`.
    pub always: Vec<String>,
    /// Another spelling → the one that counts.
    pub aliases: BTreeMap<String, String>,
    /// A scope → those that it contains.
    pub implies: BTreeMap<String, Vec<String>>,
    /// A beginning that an answer may add to a scope or drop: `https://graph.microsoft.com/`.
    pub optional_prefix: Option<String>,
    /// Two that differ in case are the same.
    pub ignore_case: bool,
    /// Whether the provider has scopes; if not, none is sent or compared.
    pub used: bool,
}
