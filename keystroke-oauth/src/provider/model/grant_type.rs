//! The grants that a provider gives.

use crate::provider::form::{Words as _, plain_words};

/// A grant that a provider gives, by its name in RFC 6749 and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// `authorization_code`: a person in a browser.
    AuthorizationCode,
    /// `device_code`: a person in a browser elsewhere (RFC 8628).
    DeviceCode,
    /// `client_credentials`: the client itself.
    ClientCredentials,
    /// `jwt_bearer`: the client itself, by a signed assertion (RFC 7523).
    JwtBearer,
}

impl GrantType {
    /// Its name, as files and standards have it: `authorization_code`.
    pub fn as_str(self) -> &'static str {
        self.word().0
    }
}

plain_words!(
    GrantType,
    "[\"authorization_code\"]",
    "authorization_code" => GrantType::AuthorizationCode,
    "device_code" => GrantType::DeviceCode,
    "client_credentials" => GrantType::ClientCredentials,
    "jwt_bearer" => GrantType::JwtBearer,
);
