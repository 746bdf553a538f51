//! A provider's URLs: as its file has them, and for certain values of its variables.

use url::Url;

use super::template::UrlTemplate;
use crate::provider::form::{Form, Section};

/// The URLs of a provider as its file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

impl EndpointTemplates {
    /// Each with its name in a file.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &UrlTemplate)> {
        [
            ("authorize", self.authorize.as_ref()),
            ("token", Some(&self.token)),
            ("refresh", self.refresh.as_ref()),
            ("device", self.device.as_ref()),
            ("revoke", self.revoke.as_ref()),
            ("userinfo", self.userinfo.as_ref()),
            ("jwks", self.jwks.as_ref()),
            ("issuer", self.issuer.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, template)| Some((name, template?)))
    }
}

impl Section for EndpointTemplates {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("authorize", &mut self.authorize);
        form.required("token", &mut self.token);
        form.field("refresh", &mut self.refresh);
        form.field("device", &mut self.device);
        form.field("revoke", &mut self.revoke);
        form.field("userinfo", &mut self.userinfo);
        form.field("jwks", &mut self.jwks);
        form.field("issuer", &mut self.issuer);
    }
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
