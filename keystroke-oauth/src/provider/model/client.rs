//! Who asks: how a client shows that it is itself, and where one is registered.

use std::time::Duration;

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// Id and secret in the `Authorization` header (`client_secret_basic`).
    Basic,
    /// Id and secret in the body (`client_secret_post`).
    Post,
    /// The id alone: a public client.
    None,
    /// A signed assertion (RFC 7523, `private_key_jwt`).
    PrivateKeyJwt,
}

/// The assertion of the grant `jwt_bearer` (RFC 7523), signed with RS256 by the client's key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assertion {
    /// How it is sent.
    pub delivery: AssertionDelivery,
    /// Its `aud`.
    pub audience: AssertionAudience,
    /// From `iat` to `exp`.
    pub lifetime: Duration,
    /// It has the scopes, in a claim `scope`.
    pub scope: bool,
}

/// How an assertion is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionDelivery {
    /// In the body, with the grant type of RFC 7523.
    Body,
    /// As the bearer token of a request with an empty body.
    Bearer,
}

/// The `aud` of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The token endpoint's URL.
    TokenEndpoint,
    /// This text.
    Text(String),
    /// There is none.
    None,
}

/// Where a person registers a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The page.
    pub url: String,
    /// What to do there, a sentence each. `{redirect}` and `{scopes}` stand for what is to be entered.
    pub steps: Vec<String>,
}
