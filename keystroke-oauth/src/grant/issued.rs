//! What a provider issued: an access token that can be lent, what is known of it, and the grant that renews it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use keystroke_core::SecretString;
use url::{Host, Url};

use super::account::{self, AccountId, SignedIn};
use super::kept::{Grant, Renewal};
use crate::error::ErrorKind;
use crate::provider::{Answer as Shape, FactSource, Provider, RefreshTokens};
use crate::token::answer::TokenAnswer;
use crate::token::request::AuthorizationServer;
use crate::token::{Expiry, shown_host};

/// What a provider issued. It has no `Debug`.
#[non_exhaustive]
pub struct Issued {
    /// What an action is lent.
    pub access_token: SecretString,
    /// When it ends.
    pub expiry: Expiry,
    /// When the refresh token ends, so far as an answer told it. How long a grant may lie unused, and when it ends however
    /// it is used, is in the provider's [`Lifetimes`](crate::Lifetimes): the store, which knows when it was connected and
    /// used, counts these.
    pub refresh_expiry: Expiry,
    /// The scopes as granted: as the answer tells them, or else as they were asked for.
    pub scopes: Vec<String>,
    /// Whose it is. A renewal does not tell.
    pub account: Option<AccountId>,
    /// Plain values that actions need besides the token, such as a tenant's URL.
    pub facts: BTreeMap<String, String>,
    /// What renews it.
    pub grant: Grant,
}

impl Issued {
    /// Reads the first answer of a grant, to a request that was sent at `sent`. The account is learned where a person
    /// `signed_in`.
    ///
    /// # Errors
    /// It is not known whose the grant is, or a fact can't be believed. Nobody will keep the grant then. It is not revoked: the
    /// account may have a connection already, and many providers revoke that along with it, or gave it the same token.
    pub(super) async fn first(
        answer: TokenAnswer,
        grant: Grant,
        signed_in: Option<SignedIn<'_>>,
        server: &AuthorizationServer<'_>,
        sent: SystemTime,
    ) -> Result<Self, ErrorKind> {
        let known = known(&answer, signed_in, server, sent).await;
        let (account, facts) = known.inspect_err(|_| {
            let provider = server.provider.name();
            tracing::warn!(
                provider,
                "the provider issued a grant that can't be used, and it was not revoked"
            );
        })?;
        let issued = Self::read(answer, grant, server, server.provider.answer(), sent);
        Ok(Self { account, facts, ..issued })
    }

    /// Reads the answer of a renewal, which may be the only copy of the next refresh token, so nothing that is wrong beside it
    /// fails: a fact that can't be believed stays as it was.
    pub(super) fn renewed(
        answer: TokenAnswer,
        grant: Grant,
        server: &AuthorizationServer<'_>,
        shape: &Shape,
        sent: SystemTime,
    ) -> Self {
        let (facts, refused) = facts(server.provider, |source| in_answer(source, &answer));
        for RefusedFact { name, .. } in refused {
            tracing::warn!(
                provider = server.provider.name(),
                fact = name,
                "a fact leads to a host that is not allowed"
            );
        }
        let mut issued = Self::read(answer, grant, server, shape, sent);
        issued.facts = facts;
        issued
    }

    /// `grant` is what is known so far: what the answer leaves out stays as it was (RFC 6749 §5.1 and §6).
    fn read(
        answer: TokenAnswer,
        mut grant: Grant,
        server: &AuthorizationServer<'_>,
        shape: &Shape,
        sent: SystemTime,
    ) -> Self {
        match (answer.scopes(shape, server.provider.scopes()), &grant.renewal) {
            (Some(told), _) => grant.scopes = told,
            (None, Renewal::Machine { scopes, .. }) => grant.scopes.clone_from(scopes),
            (None, _) => {}
        }
        let expiry = answer.lifetime.expiry(sent, server.provider.lifetimes().access_token);
        let told = answer.refresh_lifetime.expiry(sent, None);
        // A provider that has no refresh tokens means something else.
        let new = answer.refresh_token.filter(|_| server.provider.refresh().tokens != RefreshTokens::None);
        grant.renewal = match (grant.renewal, new) {
            // A machine that can ask again needs no refresh token, which could die.
            (machine @ Renewal::Machine { .. }, _) => machine,
            (_, Some(token)) => Renewal::RefreshToken { token, expiry: told },
            (Renewal::RefreshToken { token, expiry: before }, None) => {
                let expiry = if told == Expiry::Unstated { before } else { told };
                Renewal::RefreshToken { token, expiry }
            }
            (Renewal::Never, None) => Renewal::Never,
        };
        Self {
            access_token: answer.access_token,
            expiry,
            refresh_expiry: grant.refresh_expiry(),
            scopes: grant.scopes.clone(),
            account: None,
            facts: BTreeMap::new(),
            grant,
        }
    }
}

/// Whose the grant is, and the facts.
async fn known(
    answer: &TokenAnswer,
    signed_in: Option<SignedIn<'_>>,
    server: &AuthorizationServer<'_>,
    sent: SystemTime,
) -> Result<(Option<AccountId>, BTreeMap<String, String>), ErrorKind> {
    let account = match signed_in {
        Some(signed_in) => account::learn(server, answer, signed_in, sent).await?,
        None => None,
    };
    let (facts, refused) = facts(server.provider, |source| in_answer(source, answer));
    match refused.into_iter().next() {
        Some(refused) => Err(refused.into()),
        None => Ok((account, facts)),
    }
}

fn in_answer(source: &FactSource, answer: &TokenAnswer) -> Option<String> {
    match source {
        FactSource::Answer(pointer) => answer.document.id(pointer.as_str()),
        FactSource::Callback(_) => None,
    }
}

/// A fact that leads to a host that the provider's data does not allow.
pub(super) struct RefusedFact {
    name: String,
    /// The host, where there is one that may be shown.
    host: Option<String>,
}

impl From<RefusedFact> for ErrorKind {
    fn from(RefusedFact { name, host }: RefusedFact) -> Self {
        Self::OtherHost { name, host }
    }
}

/// The facts that `find` finds, and those that lead to a host that the provider's data does not allow.
pub(super) fn facts(
    provider: &Provider,
    find: impl Fn(&FactSource) -> Option<String>,
) -> (BTreeMap<String, String>, Vec<RefusedFact>) {
    let (mut facts, mut refused) = (BTreeMap::new(), Vec::new());
    for (name, fact) in provider.facts() {
        match find(&fact.from) {
            Some(value) if fact.hosts.is_empty() || is_on(&value, &fact.hosts) => {
                facts.insert(name.clone(), value);
            }
            Some(value) => {
                let host = Url::parse(&value).ok().and_then(|url| shown_host(&url));
                refused.push(RefusedFact { name: name.clone(), host });
            }
            None => {}
        }
    }
    (facts, refused)
}

/// Whether it is an `https` URL on one of the hosts, or a subdomain of one.
fn is_on(value: &str, hosts: &[String]) -> bool {
    let Ok(url) = Url::parse(value) else { return false };
    let Some(Host::Domain(found)) = url.host() else { return false };
    let is_host = |host: &String| {
        found.strip_suffix(host.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && hosts.iter().any(is_host)
}
