//! What is kept of a grant: the refresh token, or what a machine asks with, and whose it is.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use keystroke_core::SecretString;
use reqwest::Url;

use super::machine_grant::MachineGrant;
use super::party::Party;
use crate::error::ErrorKind;
use crate::provider::Answer as Shape;
use crate::sealed::{Malformed, Record};
use crate::token::Expiry;
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
    pub(super) party: Party,
    /// As granted.
    pub(super) scopes: Vec<String>,
    /// Whose API the token is for (RFC 8707).
    pub(super) resource: Option<String>,
    pub(super) renewal: Renewal,
}

/// How a grant is renewed.
pub(super) enum Renewal {
    /// By its refresh token.
    RefreshToken { token: SecretString, expiry: Expiry },
    /// By asking again, for these scopes: a machine that once was given fewer asks for all of them each time.
    Machine { grant: MachineGrant, scopes: Vec<String> },
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
        Self { party: Party::of(server), scopes, resource, renewal }
    }

    /// Whether it can be renewed. If not, the end of its access token is its own.
    pub const fn is_renewable(&self) -> bool {
        !matches!(self.renewal, Renewal::Never)
    }

    /// Whether an exchange sends a refresh token, which it may spend.
    pub(crate) const fn has_refresh_token(&self) -> bool {
        matches!(self.renewal, Renewal::RefreshToken { .. })
    }

    /// The values of the variables in the provider's URLs, which whoever renews it has to give to
    /// [`AuthorizationServer::new`]: under others nothing is sent. They are no secrets.
    pub const fn values(&self) -> &BTreeMap<String, String> {
        &self.party.values
    }

    /// Lends its bytes, to be encrypted and kept. They are wiped afterwards.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8]) -> R) -> R {
        let mut record = Record::new();
        self.party.put_into(&mut record);
        record.put("scopes", self.scopes.as_slice());
        record.put_some("resource", self.resource.as_deref());
        match &self.renewal {
            Renewal::RefreshToken { token, expiry } => {
                record.put("refresh_token", token.expose_secret());
                match expiry {
                    Expiry::At(end) => record.put("refresh_end", seconds(*end)),
                    Expiry::Unreadable => record.put("refresh_end", UNREADABLE),
                    Expiry::Unstated => {}
                }
            }
            Renewal::Machine { grant, scopes } => {
                grant.put_into(&mut record);
                record.put("asked", scopes.as_slice());
            }
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
            Some(token) => Renewal::RefreshToken { token, expiry: refresh_end(&record)? },
            None => match MachineGrant::take_from(&record)? {
                Some(grant) => Renewal::Machine { grant, scopes: record.list("asked")? },
                None => Renewal::Never,
            },
        };
        Ok(Self {
            party: Party::take_from(&record)?,
            scopes: record.list("scopes")?,
            resource: record.optional_text("resource"),
            renewal,
        })
    }

    /// When the refresh token ends.
    pub(super) const fn refresh_expiry(&self) -> Expiry {
        match &self.renewal {
            Renewal::RefreshToken { expiry, .. } => *expiry,
            Renewal::Machine { .. } | Renewal::Never => Expiry::Unstated,
        }
    }

    /// Whether this server gave it to this client.
    pub(super) fn check(&self, server: &AuthorizationServer<'_>) -> Result<(), ErrorKind> {
        self.party.check(server)
    }

    /// The request that renews it, where it goes, and where the parts of the answer stand.
    pub(super) fn renewal<'s>(
        &self,
        server: &'s AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<(&'s Url, Parameters, &'s Shape), ErrorKind> {
        match &self.renewal {
            Renewal::RefreshToken { token, .. } => {
                let mut request = server.token_request("refresh_token");
                request.put_secret("refresh_token", token);
                if server.provider.token().refresh_with_scopes && !self.scopes.is_empty() {
                    request.put("scope", &server.provider.scopes().join(&self.scopes));
                }
                request.put_optional("resource", self.resource.as_deref());
                server.authenticate(&mut request, now)?;
                Ok((&server.endpoints.refresh, request, server.provider.refresh_answer()))
            }
            Renewal::Machine { grant, scopes } => {
                let request = grant.request(server, scopes, self.resource.as_deref(), now)?;
                Ok((&server.endpoints.token, request, server.provider.answer()))
            }
            Renewal::Never => Err(ErrorKind::NotRenewable),
        }
    }
}

/// How an end that can't be read is kept.
const UNREADABLE: &str = "unreadable";

fn refresh_end(record: &Record) -> Result<Expiry, Malformed> {
    match record.optional_text("refresh_end").as_deref() {
        Some(UNREADABLE) => Ok(Expiry::Unreadable),
        Some(_) => Err(Malformed),
        None => match record.optional_number("refresh_end") {
            Some(end) => {
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end)).map(Expiry::At).ok_or(Malformed)
            }
            None => Ok(Expiry::Unstated),
        },
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
