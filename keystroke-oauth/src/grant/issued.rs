//! What a provider issued: an access token that can be lent, what is known of it, and the grant that renews it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use keystroke_core::SecretString;
use url::{Host, Url};

use super::account::AccountId;
use super::kept::{Grant, Renewal};
use crate::error::ErrorKind;
use crate::provider::{Answer as Shape, FactSource, Provider, RefreshTokens};
use crate::token::Expiry;
use crate::token::answer::TokenAnswer;
use crate::token::request::AuthorizationServer;

/// What a provider issued. It has no `Debug`.
#[non_exhaustive]
pub struct Issued {
    /// What an action is lent.
    pub access_token: SecretString,
    /// When it ends.
    pub expiry: Expiry,
    /// When the grant ends, however it is renewed.
    pub grant_expiry: Expiry,
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
    /// Reads the first answer of a grant, to a request that was sent at `sent`.
    pub(super) fn first(
        answer: TokenAnswer,
        grant: Grant,
        account: Option<AccountId>,
        server: &AuthorizationServer<'_>,
        sent: SystemTime,
    ) -> Result<Self, ErrorKind> {
        let (facts, refused) = facts(server.provider, |source| in_answer(source, &answer));
        match refused.into_iter().next() {
            Some(name) => Err(ErrorKind::OtherHost { name }),
            None => Ok(Self::read(answer, grant, account, facts, server, server.provider.answer(), sent)),
        }
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
        for fact in refused {
            tracing::warn!(
                provider = server.provider.name(),
                fact,
                "a fact leads to a host that is not allowed"
            );
        }
        Self::read(answer, grant, None, facts, server, shape, sent)
    }

    /// `grant` is what is known so far: what the answer leaves out stays as it was (RFC 6749 §5.1 and §6).
    fn read(
        answer: TokenAnswer,
        mut grant: Grant,
        account: Option<AccountId>,
        facts: BTreeMap<String, String>,
        server: &AuthorizationServer<'_>,
        shape: &Shape,
        sent: SystemTime,
    ) -> Self {
        if let Some(scopes) = answer.scopes(shape, server.provider.scopes()) {
            grant.scopes = scopes;
        }
        let expiry = answer.lifetime.expiry(sent, server.provider.lifetimes().access_token);
        let grant_expiry = answer.refresh_lifetime.expiry(sent, None);
        // A machine that can ask again needs no refresh token, which could die, and a provider that has none means something else.
        let has_them = server.provider.refresh().tokens != RefreshTokens::None;
        if let (Some(token), false, true) = (answer.refresh_token, grant.is_machine(), has_them) {
            grant.renewal = Renewal::RefreshToken(token);
        }
        let (access_token, scopes) = (answer.access_token, grant.scopes.clone());
        Self { access_token, expiry, grant_expiry, scopes, account, facts, grant }
    }
}

fn in_answer(source: &FactSource, answer: &TokenAnswer) -> Option<String> {
    match source {
        FactSource::Answer(pointer) => answer.document.id(pointer.as_str()),
        FactSource::Callback(_) => None,
    }
}

/// The facts that `find` finds, and the names of those that lead to a host that the provider's data does not allow.
pub(super) fn facts(
    provider: &Provider,
    find: impl Fn(&FactSource) -> Option<String>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut facts, mut refused) = (BTreeMap::new(), Vec::new());
    for (name, fact) in provider.facts() {
        match find(&fact.from) {
            Some(value) if fact.hosts.is_empty() || is_on(&value, &fact.hosts) => {
                facts.insert(name.clone(), value);
            }
            Some(_) => refused.push(name.clone()),
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
