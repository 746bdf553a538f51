//! What is kept of a grant: the refresh token, or what a machine asks with, and whose it is.

use std::collections::BTreeMap;
use std::time::SystemTime;

use keystroke_core::SecretString;
use reqwest::Url;

use super::machine_grant::MachineGrant;
use crate::error::ErrorKind;
use crate::provider::Answer as Shape;
use crate::sealed::{Malformed, Record, object};
use crate::token::request::{AuthorizationServer, Parameters};

/// A grant. It remembers who gave it to which client, since under any other nothing may be sent. There is no way to read its
/// refresh token, to print the grant or to copy it; [`seal`](Self::seal) lends its bytes to whoever encrypts them.
///
/// ```compile_fail,E0616
/// fn read(grant: keystroke_oauth::Grant) {
///     let _ = grant.renewal;
/// }
/// ```
/// ```compile_fail,E0277
/// fn print(grant: keystroke_oauth::Grant) {
///     println!("{grant:?}");
/// }
/// ```
/// ```compile_fail,E0599
/// fn copy(grant: keystroke_oauth::Grant) {
///     drop(grant.clone());
/// }
/// ```
pub struct Grant {
    pub(super) issuer: String,
    pub(super) client: String,
    /// The values of the variables in the provider's URLs.
    pub(super) values: BTreeMap<String, String>,
    /// As granted.
    pub(super) scopes: Vec<String>,
    /// Whose API the token is for (RFC 8707).
    pub(super) resource: Option<String>,
    pub(super) renewal: Renewal,
}

/// How a grant is renewed.
pub(super) enum Renewal {
    /// By its refresh token.
    RefreshToken(SecretString),
    /// By asking again.
    Machine(MachineGrant),
    /// Not at all.
    Never,
}

impl Grant {
    /// A grant that this server gives.
    pub(super) fn new(
        server: &AuthorizationServer<'_>,
        scopes: Vec<String>,
        resource: Option<String>,
        renewal: Renewal,
    ) -> Self {
        let (issuer, client) = (server.issuer(), server.client.id().to_owned());
        Self { issuer, client, values: server.values.clone(), scopes, resource, renewal }
    }

    /// Whether it can be renewed. If not, the end of its access token is its own.
    pub const fn is_renewable(&self) -> bool {
        !matches!(self.renewal, Renewal::Never)
    }

    /// Whether an exchange sends a refresh token, which it may spend.
    pub(crate) const fn has_refresh_token(&self) -> bool {
        matches!(self.renewal, Renewal::RefreshToken { .. })
    }

    pub(super) const fn is_machine(&self) -> bool {
        matches!(self.renewal, Renewal::Machine(_))
    }

    /// The values of the variables in the provider's URLs, which whoever renews it has to give to
    /// [`AuthorizationServer::new`]. They are no secrets.
    pub const fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Lends its bytes, to be encrypted and kept. They are wiped afterwards.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8]) -> R) -> R {
        let mut record = Record::new();
        record.put("issuer", self.issuer.as_str());
        record.put("client", self.client.as_str());
        record.put("values", object(&self.values));
        record.put("scopes", self.scopes.as_slice());
        record.put_some("resource", self.resource.as_deref());
        match &self.renewal {
            Renewal::RefreshToken(token) => record.put("refresh_token", token.expose_secret()),
            Renewal::Machine(grant) => grant.put_into(&mut record),
            Renewal::Never => {}
        }
        record.lend(seal)
    }

    /// The grant whose bytes [`seal`](Self::seal) lent.
    ///
    /// # Errors
    /// [`Malformed`]: the bytes are something else.
    pub fn from_sealed(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut record = Record::read(bytes)?;
        let renewal = match record.secret("refresh_token") {
            Some(token) => Renewal::RefreshToken(token),
            None => MachineGrant::take_from(&record)?.map_or(Renewal::Never, Renewal::Machine),
        };
        Ok(Self {
            issuer: record.text("issuer")?,
            client: record.text("client")?,
            values: record.pairs("values")?,
            scopes: record.list("scopes")?,
            resource: record.optional_text("resource"),
            renewal,
        })
    }

    /// Whether this server gave it to this client.
    pub(super) fn check(&self, server: &AuthorizationServer<'_>) -> Result<(), ErrorKind> {
        let (issuer, client) = (server.issuer(), server.client.id());
        if self.issuer == issuer && self.client == client {
            return Ok(());
        }
        Err(ErrorKind::ClientChanged {
            was: format!("the client `{}` of {}", self.client, self.issuer),
            is: format!("the client `{client}` of {issuer}"),
        })
    }

    /// The request that renews it, where it goes, and where the parts of the answer stand.
    pub(super) fn renewal<'s>(
        &self,
        server: &'s AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<(&'s Url, Parameters, &'s Shape), ErrorKind> {
        match &self.renewal {
            Renewal::RefreshToken(token) => {
                let mut request = server.token_request("refresh_token");
                request.put("refresh_token", token.expose_secret());
                if server.provider.token().refresh_with_scopes && !self.scopes.is_empty() {
                    request.put("scope", &server.provider.scopes().join(&self.scopes));
                }
                request.put_optional("resource", self.resource.as_deref());
                server.authenticate(&mut request, now)?;
                Ok((&server.endpoints.refresh, request, server.provider.refresh_answer()))
            }
            Renewal::Machine(grant) => {
                let request = grant.request(server, &self.scopes, self.resource.as_deref(), now)?;
                Ok((&server.endpoints.token, request, server.provider.answer()))
            }
            Renewal::Never => Err(ErrorKind::NotRenewable),
        }
    }
}
