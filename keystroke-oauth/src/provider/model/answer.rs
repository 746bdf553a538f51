//! Where the parts of a token answer stand.

use toml::de::DeValue;

use super::pointer::Pointer;
use crate::provider::form::{Field as _, Form, Misfit, Section, Words, field_of_words};

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

impl Default for Answer {
    /// As RFC 6749 and OpenID Connect have it.
    fn default() -> Self {
        Self {
            access_token: Pointer::new("/access_token"),
            refresh_token: Pointer::new("/refresh_token"),
            expires_in: Pointer::new("/expires_in"),
            expires_at: None,
            refresh_expires_in: None,
            scope: Pointer::new("/scope"),
            id_token: Pointer::new("/id_token"),
        }
    }
}

impl Section for Answer {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("access_token", &mut self.access_token);
        form.field("refresh_token", &mut self.refresh_token);
        form.field("expires_in", &mut self.expires_in);
        form.field("expires_at", &mut self.expires_at);
        form.field("refresh_expires_in", &mut self.refresh_expires_in);
        form.field("scope", &mut self.scope);
        form.field("id_token", &mut self.id_token);
    }
}

/// Where a time stands, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpiresAt {
    /// RFC 3339.
    Rfc3339(Pointer),
    /// Seconds since 1970.
    Unix(Pointer),
}

impl Words for ExpiresAt {
    const PLAIN: &'static [&'static str] = &[];
    const VALUED: &'static [(&'static str, &'static str)] =
        &[("rfc3339", "\"/expires_at\""), ("unix", "\"/expires_at\"")];

    fn from_plain(_: &str) -> Option<Self> {
        None
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        match word {
            "rfc3339" => Some(Pointer::read(value).map(Self::Rfc3339)),
            "unix" => Some(Pointer::read(value).map(Self::Unix)),
            _ => None,
        }
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::Rfc3339(pointer) => ("rfc3339", pointer.write()),
            Self::Unix(pointer) => ("unix", pointer.write()),
        }
    }
}

field_of_words!(ExpiresAt, "{ rfc3339 = \"/expires_at\" }");
