//! What a provider file says, after every check. The types are plain data that can be read and not made, so a secret is
//! never sent to a URL that was not validated.

mod account;
mod answer;
mod client;
mod endpoints;
mod errors;
mod evidence;
mod pointer;
mod redirect;
mod refresh;
mod requests;
mod revocation;
mod scopes;

use std::collections::BTreeMap;

pub use account::{Account, AccountSource, Fact, FactSource};
pub use answer::{Answer, ExpiresAt};
pub use client::{Assertion, AssertionAudience, AssertionDelivery, ClientAuthentication, Registration};
pub use endpoints::{EndpointTemplates, Endpoints, UrlTemplate, Variable};
pub use errors::{ErrorMeaning, Errors};
pub use evidence::{Evidence, Oddity};
pub use pointer::Pointer;
pub use redirect::{Loopback, Redirect};
pub use refresh::{Lifetimes, Refresh, RefreshTokens};
pub use requests::{Authorize, Method, Pkce, RequestBody, Token};
pub use revocation::{Revocation, RevocationForm, RevokedToken};
pub use scopes::Scopes;

use super::error::ProviderError;

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

/// What is known of a provider, and valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    name: String,
    title: String,
    evidence: Evidence,
    registration: Registration,
    variables: BTreeMap<String, Variable>,
    endpoints: EndpointTemplates,
    grants: Vec<GrantType>,
    authorize: Authorize,
    token: Token,
    assertion: Option<Assertion>,
    redirect: Redirect,
    scopes: Scopes,
    answer: Answer,
    refresh_answer: Answer,
    account: Option<Account>,
    facts: BTreeMap<String, Fact>,
    errors: Errors,
    refresh: Refresh,
    lifetimes: Lifetimes,
    revocation: Option<Revocation>,
}

impl Provider {
    /// Reads and checks a provider file. `name` is the file's, without `.toml`.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Invalid`], with everything that is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Self, ProviderError> {
        todo!("{name}{text}")
    }

    /// The word that commands and connections know it by: `github-app`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it: `GitHub App (user)`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Why its file is believed.
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Where a client is registered.
    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// What its URLs depend on.
    pub const fn variables(&self) -> &BTreeMap<String, Variable> {
        &self.variables
    }

    /// Its URLs, as its file has them.
    pub const fn templates(&self) -> &EndpointTemplates {
        &self.endpoints
    }

    /// Its URLs for the given values of its variables; `client_id` may always be among them.
    ///
    /// # Errors
    ///
    /// A variable without a value, or one that the file does not allow; a value for a variable that there is not.
    pub fn endpoints(&self, values: &BTreeMap<String, String>) -> Result<Endpoints, ProviderError> {
        todo!("{values:?}")
    }

    /// The grants that it gives.
    pub fn grants(&self) -> &[GrantType] {
        &self.grants
    }

    /// The request that a person's browser makes.
    pub const fn authorize(&self) -> &Authorize {
        &self.authorize
    }

    /// The requests to the token endpoint.
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// The assertion of the grant `jwt_bearer`.
    pub const fn assertion(&self) -> Option<&Assertion> {
        self.assertion.as_ref()
    }

    /// Where the browser is sent back to.
    pub const fn redirect(&self) -> &Redirect {
        &self.redirect
    }

    /// How scopes are written and compared.
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Where the parts of the first token answer stand.
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Where the parts of a refresh's answer stand: mostly as in [`answer`](Self::answer).
    pub const fn refresh_answer(&self) -> &Answer {
        &self.refresh_answer
    }

    /// How the account is learned; none if the provider never tells.
    pub const fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// What is kept of an answer or a callback for actions.
    pub const fn facts(&self) -> &BTreeMap<String, Fact> {
        &self.facts
    }

    /// How errors are spelled.
    pub const fn errors(&self) -> &Errors {
        &self.errors
    }

    /// What a refresh does.
    pub const fn refresh(&self) -> &Refresh {
        &self.refresh
    }

    /// How long tokens and grants live.
    pub const fn lifetimes(&self) -> &Lifetimes {
        &self.lifetimes
    }

    /// How tokens are revoked; none if they can't be.
    pub const fn revocation(&self) -> Option<&Revocation> {
        self.revocation.as_ref()
    }
}
