//! Who asks: how a client shows that it is itself, and where one is registered.

use std::time::Duration;

use toml::de::DeValue;

use crate::provider::form::{Field as _, Form, Misfit, Section, Words, field_of_words, plain_words};

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

plain_words!(
    ClientAuthentication,
    "[\"basic\"]",
    "basic" => ClientAuthentication::Basic,
    "post" => ClientAuthentication::Post,
    "none" => ClientAuthentication::None,
    "private_key_jwt" => ClientAuthentication::PrivateKeyJwt,
);

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

impl Default for Assertion {
    fn default() -> Self {
        Self {
            delivery: AssertionDelivery::Body,
            audience: AssertionAudience::TokenEndpoint,
            lifetime: Duration::from_secs(300),
            scope: false,
        }
    }
}

impl Section for Assertion {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("delivery", &mut self.delivery);
        form.field("audience", &mut self.audience);
        form.field("lifetime", &mut self.lifetime);
        form.field("scope", &mut self.scope);
    }
}

/// How an assertion is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionDelivery {
    /// In the body, with the grant type of RFC 7523.
    Body,
    /// As the bearer token of a request with an empty body.
    Bearer,
}

plain_words!(
    AssertionDelivery,
    "\"body\"",
    "body" => AssertionDelivery::Body,
    "bearer" => AssertionDelivery::Bearer,
);

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

impl Words for AssertionAudience {
    const PLAIN: &'static [&'static str] = &["token_endpoint", "none"];
    const VALUED: &'static [(&'static str, &'static str)] = &[("text", "\"https://example.com\"")];

    fn from_plain(word: &str) -> Option<Self> {
        match word {
            "token_endpoint" => Some(Self::TokenEndpoint),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        (word == "text").then(|| String::read(value).map(Self::Text))
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::TokenEndpoint => ("token_endpoint", None),
            Self::None => ("none", None),
            Self::Text(text) => ("text", text.write()),
        }
    }
}

field_of_words!(AssertionAudience, "\"token_endpoint\"");

/// Where a person registers a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The page.
    pub url: String,
    /// What to do there, a sentence each. `{redirect}` and `{scopes}` stand for what is to be entered.
    pub steps: Vec<String>,
}

impl Section for Registration {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("url", &mut self.url);
        form.field("steps", &mut self.steps);
    }
}
