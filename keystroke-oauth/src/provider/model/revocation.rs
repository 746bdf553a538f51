//! How a provider is asked to revoke (O9).

use super::requests::Method;

/// The request to the `revoke` endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revocation {
    /// Where the token stands.
    pub form: RevocationForm,
    /// Its method.
    pub method: Method,
    /// Which token revokes the grant.
    pub token: RevokedToken,
}

/// Where the token stands in a request to revoke it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationForm {
    /// As RFC 7009 has it: `token` in a form, the client authenticated as at the token endpoint.
    Rfc7009,
    /// In the `Authorization` header, and the client not at all.
    Bearer,
    /// In this field of a JSON body, the client authenticated by Basic.
    Json(String),
}

/// Which token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedToken {
    /// The refresh token, or the access token of a grant without one.
    Refresh,
    /// The access token.
    Access,
}
