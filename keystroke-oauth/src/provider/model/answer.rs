//! Where the parts of a token answer stand.

use super::pointer::Pointer;

/// Where the parts of a token answer stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The access token.
    pub access_token: Pointer,
    /// The refresh token.
    pub refresh_token: Pointer,
    /// Seconds until the access token's end.
    pub expires_in: Pointer,
    /// The access token's end as a time, where the provider tells that instead.
    pub expires_at: Option<ExpiresAt>,
    /// Seconds until the refresh token's end.
    pub refresh_expires_in: Option<Pointer>,
    /// The scopes granted.
    pub scope: Pointer,
    /// The ID token.
    pub id_token: Pointer,
}

/// Where a time stands, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpiresAt {
    /// RFC 3339.
    Rfc3339(Pointer),
    /// Seconds since 1970.
    Unix(Pointer),
}
