//! Who is asked: a client at an issuer, with the values of the provider's variables. What began with one goes to no other.

use std::collections::BTreeMap;

use crate::error::ErrorKind;
use crate::sealed::{Malformed, Record, object};
use crate::token::request::AuthorizationServer;

/// One client at one issuer. Two providers may share an issuer and read its answers in other ways, and the values of the
/// variables choose the account or the data centre, so both count too.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Party {
    provider: String,
    issuer: String,
    client: String,
    /// The values of the variables in the provider's URLs. They are no secrets.
    pub(super) values: BTreeMap<String, String>,
}

impl Party {
    pub(super) fn of(server: &AuthorizationServer<'_>) -> Self {
        Self {
            provider: server.provider.name().to_owned(),
            issuer: server.issuer(),
            client: server.client.id().to_owned(),
            values: server.values.clone(),
        }
    }

    /// Refuses any server but the one that it is of.
    pub(super) fn check(&self, server: &AuthorizationServer<'_>) -> Result<(), ErrorKind> {
        let other = Self::of(server);
        if *self == other {
            return Ok(());
        }
        Err(ErrorKind::ClientChanged { was: self.described(), is: other.described() })
    }

    fn described(&self) -> String {
        let Self { provider, issuer, client, values } = self;
        let values: String = values.iter().map(|(name, value)| format!(", {name} `{value}`")).collect();
        format!("the client `{client}` of `{provider}` ({issuer}{values})")
    }

    pub(super) fn put_into(&self, record: &mut Record) {
        record.put("provider", self.provider.as_str());
        record.put("issuer", self.issuer.as_str());
        record.put("client", self.client.as_str());
        record.put("values", object(&self.values));
    }

    pub(super) fn take_from(record: &Record) -> Result<Self, Malformed> {
        Ok(Self {
            provider: record.text("provider")?,
            issuer: record.text("issuer")?,
            client: record.text("client")?,
            values: record.pairs("values")?,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }
}
