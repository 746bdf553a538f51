//! How a provider is asked to revoke (O9).

use toml::de::DeValue;

use super::requests::Method;
use crate::provider::form::{Field as _, Form, Misfit, Section, Words, field_of_words, plain_words};

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

impl Default for Revocation {
    fn default() -> Self {
        Self { form: RevocationForm::Rfc7009, method: Method::Post, token: RevokedToken::Refresh }
    }
}

impl Section for Revocation {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("form", &mut self.form);
        form.field("method", &mut self.method);
        form.field("token", &mut self.token);
    }
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

impl Words for RevocationForm {
    const PLAIN: &'static [&'static str] = &["rfc7009", "bearer"];
    const VALUED: &'static [(&'static str, &'static str)] = &[("json", "\"access_token\"")];

    fn from_plain(word: &str) -> Option<Self> {
        match word {
            "rfc7009" => Some(Self::Rfc7009),
            "bearer" => Some(Self::Bearer),
            _ => None,
        }
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        (word == "json").then(|| String::read(value).map(Self::Json))
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::Rfc7009 => ("rfc7009", None),
            Self::Bearer => ("bearer", None),
            Self::Json(field) => ("json", field.write()),
        }
    }
}

field_of_words!(RevocationForm, "\"rfc7009\"");

/// Which token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedToken {
    /// The refresh token, or the access token of a grant without one.
    Refresh,
    /// The access token.
    Access,
}

plain_words!(RevokedToken, "\"access\"", "refresh" => RevokedToken::Refresh, "access" => RevokedToken::Access);
