//! Whom a sign-in is for. A callback counts for nobody else (SEMANTICS O1).

use keystroke_core::Owner;
use keystroke_core::fix::{scope, word};

/// Whom a sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The organization.
    pub organization: String,
    /// The credential key that is connected.
    pub key: String,
    /// Who will own the connection.
    pub owner: Owner,
    /// Who began it, where people are known by name.
    pub user: Option<String>,
}

impl SignIn {
    /// The command that begins it again.
    pub(crate) fn again(&self) -> String {
        let scope = scope(&self.owner);
        format!("keystroke connect {}{scope} --organization {}", word(&self.key), word(&self.organization))
    }
}
