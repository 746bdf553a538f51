//! The authorization code grant, with PKCE: a person signs in with a browser, which comes back with a code.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use keystroke_core::{Owner, SecretString};
use url::Url;

use super::account::SignedIn;
use super::callback::Callback;
use super::issued::{Issued, facts};
use super::kept::{Grant, Renewal};
use super::party::Party;
use super::pkce::{challenge, random, sha256};
use super::sign_in::SignIn;
use crate::error::{ConnectError, ErrorKind, name};
use crate::provider::{AccountSource, FactSource, GrantType, Pkce};
use crate::sealed::{Malformed, Record};
use crate::token::request::AuthorizationServer;

/// How long a sign-in may take.
pub const PENDING_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A sign-in that begins: where the browser goes, and what is awaited.
pub struct Authorization {
    /// Where the browser goes. It has the state in it, so it is for the person who signs in and for no log.
    pub url: Url,
    /// What the callback is checked against.
    pub pending: Pending,
}

impl Authorization {
    /// Begins a sign-in for these scopes. `redirect_uri` is where the browser comes back to, exactly as the client has it
    /// registered; a [`LoopbackListener`](crate::LoopbackListener) has one. `resource` is the API that the token is for (RFC 8707).
    ///
    /// # Errors
    /// The provider offers no such grant, or nothing for a resource.
    pub fn begin(
        server: &AuthorizationServer<'_>,
        sign_in: SignIn,
        redirect_uri: &str,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Self, ConnectError> {
        let again = sign_in.again("");
        Self::new(server, sign_in, redirect_uri, scopes, resource, now).map_err(|kind| kind.with(&again))
    }

    fn new(
        server: &AuthorizationServer<'_>,
        sign_in: SignIn,
        redirect_uri: &str,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Self, ErrorKind> {
        server.offers(GrantType::AuthorizationCode)?;
        let provider = server.provider;
        let endpoint = server.endpoints.authorize.as_ref();
        let endpoint = endpoint.ok_or_else(|| server.not_offered(name(GrantType::AuthorizationCode)))?;
        if resource.is_some() && !provider.authorize().resource {
            return Err(server.not_offered("tokens for one resource (`resource`)"));
        }
        let scopes = server.provider.scopes().union(scopes.iter().map(String::as_str));
        let state = random()?;
        let verifier = match provider.authorize().pkce {
            Pkce::S256 => Some(random()?),
            Pkce::Refused => None,
        };
        let is_in_id_token = provider.account().is_some_and(|account| account.from == AccountSource::IdToken);
        let nonce = if is_in_id_token { Some(random()?) } else { None };

        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code").append_pair("client_id", server.client.id());
            query.append_pair("redirect_uri", redirect_uri).append_pair("state", state.expose_secret());
            if !scopes.is_empty() {
                query.append_pair(&provider.scopes().parameter, &server.provider.scopes().join(&scopes));
            }
            if let Some(verifier) = &verifier {
                query.append_pair("code_challenge", &challenge(verifier));
                query.append_pair("code_challenge_method", "S256");
            }
            if let Some(nonce) = &nonce {
                query.append_pair("nonce", nonce.expose_secret());
            }
            if let Some(resource) = &resource {
                query.append_pair("resource", resource);
            }
            for (name, value) in &provider.authorize().parameters {
                query.append_pair(name, value);
            }
        }
        let pending = Pending {
            sign_in,
            party: Party::of(server),
            redirect_uri: redirect_uri.to_owned(),
            scopes,
            resource,
            state: sha256(state.expose_secret()),
            verifier,
            nonce,
            expires: now.checked_add(PENDING_LIFETIME).unwrap_or(now),
        };
        Ok(Self { url, pending })
    }
}

/// A sign-in that waits for its callback. It counts once: [`finish`](Self::finish) uses it up. It holds the verifier, so it has
/// no `Debug` and no `Clone`, and it remembers the state by its hash alone.
pub struct Pending {
    sign_in: SignIn,
    party: Party,
    redirect_uri: String,
    scopes: Vec<String>,
    resource: Option<String>,
    state: [u8; 32],
    verifier: Option<SecretString>,
    nonce: Option<SecretString>,
    expires: SystemTime,
}

impl Pending {
    /// Whom it is for.
    pub const fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// Until when a callback counts.
    pub const fn expires_at(&self) -> SystemTime {
        self.expires
    }

    /// Whether the callback is the answer to this sign-in. It may still be one that [`finish`](Self::finish) refuses.
    pub fn is_answered_by(&self, callback: &Callback) -> bool {
        callback.has_state(self.state)
    }

    /// What a state is compared with.
    pub(crate) const fn state(&self) -> [u8; 32] {
        self.state
    }

    /// Checks the callback. `by` is the sign-in of whoever brought it, as their own session has it: the organization, the
    /// key, the owner and the person all have to be those that it was begun for.
    ///
    /// # Errors
    /// The first of these that applies: `state_mismatch`, `state_other_owner`, `state_expired`, `client_changed`,
    /// `issuer_missing`, `other_issuer`, `sign_in_denied`, `client_rejected`, `provider_unavailable`, `sign_in_refused`,
    /// `callback_malformed`, `callback_other_host`, `provider_value`.
    pub fn finish(
        self,
        callback: Callback,
        server: &AuthorizationServer<'_>,
        by: &SignIn,
        now: SystemTime,
    ) -> Result<Code, ConnectError> {
        let again = self.sign_in.again("");
        self.check(callback, server, by, now).map_err(|kind| kind.with(&again))
    }

    fn check(
        self,
        mut callback: Callback,
        server: &AuthorizationServer<'_>,
        by: &SignIn,
        now: SystemTime,
    ) -> Result<Code, ErrorKind> {
        if !self.is_answered_by(&callback) {
            return Err(ErrorKind::StateMismatch);
        }
        if self.sign_in != *by {
            return Err(ErrorKind::OtherOwner);
        }
        if now >= self.expires {
            return Err(ErrorKind::StateExpired);
        }
        self.party.check(server)?;
        // RFC 9207: before the code, or an error, is believed.
        let expected = self.party.issuer();
        match &callback.issuer {
            Some(issuer) if server.endpoints.issuer.is_none() || issuer == expected => {}
            Some(_) => return Err(ErrorKind::IssuerMismatch { expected: expected.to_owned() }),
            None if server.provider.authorize().iss => {
                return Err(ErrorKind::IssuerMissing { expected: expected.to_owned() });
            }
            None => {}
        }
        if let Some(code) = callback.error.take() {
            return Err(if code.as_str() == "access_denied" {
                ErrorKind::Denied
            } else {
                server.refused(code)
            });
        }
        let problem = "it has neither a code nor an error";
        let code = callback.code.take().ok_or(ErrorKind::CallbackMalformed { problem })?;
        let (facts, refused) = facts(server.provider, |source| match source {
            FactSource::Callback(name) => callback.others.get(name).cloned(),
            FactSource::Answer(_) => None,
        });
        if let Some(refused) = refused.into_iter().next() {
            return Err(refused.into());
        }
        let told = |name: &str| callback.others.get(name).cloned();
        let values = server.provider.values_of_callback(&self.party.values, told)?;
        Ok(Code { code, values, facts, told: callback.others, pending: self })
    }

    /// Lends its bytes, to be encrypted and kept until the callback comes. They are wiped afterwards.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8]) -> R) -> R {
        let mut record = Record::new();
        let (scope, owner) = match &self.sign_in.owner {
            Owner::Organization => ("organization", None),
            Owner::Project(project) => ("project", Some(project)),
            Owner::User(user) => ("user", Some(user)),
        };
        let expires = self.expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        record.put("organization", self.sign_in.organization.as_str());
        record.put("key", self.sign_in.key.as_str());
        record.put("scope", scope);
        record.put_some("owner", owner.map(String::as_str));
        record.put_some("user", self.sign_in.user.as_deref());
        self.party.put_into(&mut record);
        record.put("redirect_uri", self.redirect_uri.as_str());
        record.put("scopes", self.scopes.as_slice());
        record.put_some("resource", self.resource.as_deref());
        record.put("state", self.state.as_slice());
        record.put_some("verifier", self.verifier.as_ref().map(SecretString::expose_secret));
        record.put_some("nonce", self.nonce.as_ref().map(SecretString::expose_secret));
        record.put("expires", expires);
        record.lend(seal)
    }

    /// The sign-in whose bytes [`seal`](Self::seal) lent.
    ///
    /// # Errors
    /// [`Malformed`]: the bytes are something else.
    pub fn from_sealed(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut record = Record::read(bytes)?;
        let owner = match record.text("scope")?.as_str() {
            "organization" => Owner::Organization,
            "project" => Owner::Project(record.text("owner")?),
            "user" => Owner::User(record.text("owner")?),
            _ => return Err(Malformed),
        };
        let expires = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(record.number("expires")?));
        Ok(Self {
            sign_in: SignIn {
                organization: record.text("organization")?,
                key: record.text("key")?,
                owner,
                user: record.optional_text("user"),
            },
            party: Party::take_from(&record)?,
            redirect_uri: record.text("redirect_uri")?,
            scopes: record.list("scopes")?,
            resource: record.optional_text("resource"),
            state: record.bytes("state")?.try_into().map_err(|_| Malformed)?,
            verifier: record.secret("verifier"),
            nonce: record.secret("nonce"),
            expires: expires.ok_or(Malformed)?,
        })
    }
}

/// A code that was checked and not yet used. It can be used once.
pub struct Code {
    code: SecretString,
    /// Those of the sign-in, and those that the callback told.
    values: BTreeMap<String, String>,
    facts: BTreeMap<String, String>,
    /// What else was in the callback.
    told: BTreeMap<String, String>,
    pending: Pending,
}

impl Code {
    /// Exchanges it for what the provider issues. `server` is the one that the callback was checked for.
    ///
    /// # Errors
    /// `client_changed`: the server is another one, and nothing was sent. The provider refuses the code or does not answer.
    /// Its answer is another issuer's, or does not tell whose account it is: what it issued is then not kept.
    pub async fn redeem(
        self,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<Issued, ConnectError> {
        let again = self.pending.sign_in.again("");
        self.exchange(server, now).await.map_err(|kind| kind.with(&again))
    }

    async fn exchange(self, server: &AuthorizationServer<'_>, now: SystemTime) -> Result<Issued, ErrorKind> {
        let Self { code, values, facts, told, pending } = self;
        pending.party.check(server)?;
        // The callback may have told which data centre, and that only one that the provider's data allows.
        let server = &AuthorizationServer::new(server.http, server.provider, server.client, values)?;
        let shape = server.provider.answer();
        let mut request = server.token_request("authorization_code");
        request.put_secret("code", &code);
        request.put("redirect_uri", &pending.redirect_uri);
        if let Some(verifier) = &pending.verifier {
            request.put_secret("code_verifier", verifier);
        }
        request.put_optional("resource", pending.resource.as_deref());
        server.authenticate(&mut request, now)?;
        let answer = server.granted(server.ask(&server.endpoints.token, request, shape).await)?;
        let signed_in = SignedIn { nonce: pending.nonce.as_ref(), callback: Some(&told) };
        let grant = Grant::new(server, pending.scopes, pending.resource, Renewal::Never);
        let mut issued = Issued::first(answer, grant, Some(signed_in), server, now).await?;
        issued.facts.extend(facts);
        Ok(issued)
    }
}
