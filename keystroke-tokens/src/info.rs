//! A stored token without its secret: id, label, expiry and what it allows.

use std::time::SystemTime;

use keystroke_core::SecretString;

use crate::binding::Binding;

/// What is known of a token. The token itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Names the token, for `revoke` and in logs.
    pub id: String,
    /// Whom it lets a client act for.
    pub binding: Binding,
    /// What it is for, as its maker put it.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: SystemTime,
    /// When it begins to be refused.
    pub expires_at: Option<SystemTime>,
    /// Whether it is refused as expired. Once a server has refused it, that stays so, whatever a clock says.
    pub expired: bool,
}

impl TokenInfo {
    /// The same at a time.
    pub(crate) fn at(mut self, now: SystemTime) -> Self {
        self.expired |= self.expires_at.is_some_and(|end| end <= now);
        self
    }
}

/// A token that was just made. This is the only time it is seen.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// What the client sends: `kst_<id>_<secret>`.
    pub token: SecretString,
    /// What is known of it from now on.
    pub info: TokenInfo,
}
