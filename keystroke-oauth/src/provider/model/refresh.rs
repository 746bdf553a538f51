//! How long things live, and what a refresh does to them.

use std::time::Duration;

/// What a refresh does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refresh {
    /// What becomes of the refresh token.
    pub tokens: RefreshTokens,
    /// The old access token stops working.
    pub kills_access_token: bool,
}

/// What becomes of a refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// There are none.
    None,
    /// It goes on working, also where the answer has a new one.
    Stable,
    /// It works once.
    Rotates,
    /// It works again for this long, then never.
    Grace(Duration),
    /// It works once, and using it again revokes every token that came of the grant.
    RevokesFamily,
}

/// How long tokens and grants live. What is not known is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetimes {
    /// An access token, where the answer does not tell. None: until it is refused.
    pub access_token: Option<Duration>,
    /// A grant that is not used.
    pub idle: Option<Duration>,
    /// A grant, however it is used.
    pub absolute: Option<Duration>,
}
