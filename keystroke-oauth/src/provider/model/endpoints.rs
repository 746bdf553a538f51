//! A provider's URLs: as its file has them, with variables, and filled in.
//!
//! A variable stands for a tenant, a shop, a region. Its value may come from a callback, which an attacker can write, so no
//! value can lead to another host than the file's author meant: in a host it is one label before a literal domain, or
//! one of the values that the file lists.

use std::collections::BTreeMap;

use url::Url;

use crate::provider::error::ProviderError;

/// The name of a variable that every file may use without declaring it: the client's id.
pub(crate) const CLIENT_ID: &str = "client_id";

/// How long the value of a variable may be: the longest label of a host.
const LONGEST_VALUE: usize = 63;

/// What is asked before connecting, because a URL depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// What it is, for the person who is asked.
    pub about: String,
    /// Taken if nobody says another.
    pub default: Option<String>,
    /// The only values it may have; any well-formed one, if there are none.
    pub values: Vec<String>,
    /// The parameter of the callback that tells it; else the person is asked.
    pub callback: Option<String>,
}

/// A URL with variables in braces: `https://{shop}.myshopify.com/admin/oauth/authorize`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate(String);

impl UrlTemplate {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn fill(&self, values: &BTreeMap<String, String>) -> Option<Url> {
        let mut text = self.0.clone();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        Url::parse(&text).ok().filter(|_| !text.contains('{'))
    }
}

/// The URLs of a provider as its file has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointTemplates {
    /// Where a person's browser goes.
    pub authorize: Option<UrlTemplate>,
    /// Where codes and refresh tokens are exchanged.
    pub token: UrlTemplate,
    /// Where refresh tokens are exchanged, if elsewhere.
    pub refresh: Option<UrlTemplate>,
    /// Where the device flow begins (RFC 8628).
    pub device: Option<UrlTemplate>,
    /// Where tokens are revoked.
    pub revoke: Option<UrlTemplate>,
    /// Where the account is told.
    pub userinfo: Option<UrlTemplate>,
    /// Where the keys of ID tokens are.
    pub jwks: Option<UrlTemplate>,
    /// The issuer, as ID tokens and callbacks spell it.
    pub issuer: Option<UrlTemplate>,
}

/// The URLs of a provider for certain values of its variables, made by [`Provider::endpoints`](crate::Provider::endpoints).
/// Each is `https`, or `http` to this machine by number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoints {
    /// Where a person's browser goes.
    pub authorize: Option<Url>,
    /// Where codes are exchanged.
    pub token: Url,
    /// Where refresh tokens are exchanged: mostly [`token`](Self::token) again.
    pub refresh: Url,
    /// Where the device flow begins (RFC 8628).
    pub device: Option<Url>,
    /// Where tokens are revoked.
    pub revoke: Option<Url>,
    /// Where the account is told.
    pub userinfo: Option<Url>,
    /// Where the keys of ID tokens are.
    pub jwks: Option<Url>,
    /// The issuer. It is compared as a text, byte by byte.
    pub issuer: Option<String>,
}
