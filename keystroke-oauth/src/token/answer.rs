//! What a successful answer of the token endpoint holds.

use std::time::{Duration, SystemTime};

use keystroke_core::SecretString;
use serde_json::Value;

use super::document::{Document, whole};
use crate::provider::{Answer as Shape, ExpiresAt, Scopes};

/// The longest lifetime that is believed: 10 years. What is beyond it is a mistake, or milliseconds.
const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A successful answer. The tokens have no name outside of this crate, so nothing can show them; the type has no `Debug`.
pub struct TokenAnswer {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) id_token: Option<SecretString>,
    pub(crate) lifetime: Lifetime,
    pub(crate) refresh_lifetime: Lifetime,
    /// What else is in it: the account, facts, scopes.
    pub(crate) document: Document,
}

/// The answer has no access token.
pub(crate) struct NoToken;

impl TokenAnswer {
    pub(crate) fn read(mut document: Document, shape: &Shape) -> Result<Self, NoToken> {
        let access_token = document.take(shape.access_token.as_str()).ok_or(NoToken)?;
        let refresh_token = document.take(shape.refresh_token.as_str());
        let id_token = document.take(shape.id_token.as_str());
        let told = match &shape.expires_at {
            Some(ExpiresAt::Rfc3339(at)) => Lifetime::rfc3339(document.get(at.as_str())),
            Some(ExpiresAt::Unix(at)) => Lifetime::unix(document.get(at.as_str())),
            None => Lifetime::Unstated,
        };
        let lifetime = match told {
            Lifetime::Unstated => Lifetime::seconds(document.get(shape.expires_in.as_str())),
            told => told,
        };
        let refresh_lifetime = match &shape.refresh_expires_in {
            Some(seconds) => Lifetime::seconds(document.get(seconds.as_str())),
            None => Lifetime::Unstated,
        };
        Ok(Self { access_token, refresh_token, id_token, lifetime, refresh_lifetime, document })
    }

    /// The scopes that the answer tells. `None` if it tells none: then they are as asked for (RFC 6749 §5.1).
    pub(crate) fn scopes(&self, shape: &Shape, scopes: &Scopes) -> Option<Vec<String>> {
        if !scopes.used {
            return None;
        }
        let mut told = scopes.read(self.document.get(shape.scope.as_str())?)?;
        told.sort_unstable();
        told.dedup();
        Some(told)
    }
}

/// How long a token lives, as an answer tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    For(Duration),
    Until(SystemTime),
    Unstated,
    Unreadable,
}

impl Lifetime {
    /// Seconds, as the number or the text that providers write.
    fn seconds(value: Option<&Value>) -> Self {
        let Some(value) = value else { return Self::Unstated };
        match whole(value).map(Duration::from_secs) {
            Some(lifetime) if lifetime <= LONGEST_LIFETIME => Self::For(lifetime),
            _ => Self::Unreadable,
        }
    }

    fn unix(value: Option<&Value>) -> Self {
        let Some(value) = value else { return Self::Unstated };
        let time = whole(value).and_then(|at| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)));
        time.map_or(Self::Unreadable, Self::Until)
    }

    fn rfc3339(value: Option<&Value>) -> Self {
        let Some(value) = value else { return Self::Unstated };
        let time = value.as_str().and_then(|text| humantime::parse_rfc3339_weak(text).ok());
        time.map_or(Self::Unreadable, Self::Until)
    }

    /// The time, for a request that was sent at `sent`: a provider counts from its answer, which is later, so the token
    /// lives at least until then. `default` is what the provider's data says for an answer that tells none.
    pub(crate) fn expiry(self, sent: SystemTime, default: Option<Duration>) -> Expiry {
        let after = |lifetime| sent.checked_add(lifetime).map_or(Expiry::Unreadable, Expiry::At);
        match self {
            Self::For(lifetime) => after(lifetime),
            Self::Until(time) if time.duration_since(sent).unwrap_or_default() <= LONGEST_LIFETIME => {
                Expiry::At(time)
            }
            Self::Until(_) | Self::Unreadable => Expiry::Unreadable,
            Self::Unstated => default.map_or(Expiry::Unstated, after),
        }
    }
}

/// When a token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this time, by the caller's clock.
    At(SystemTime),
    /// The provider does not tell: the token is good until it is refused.
    Unstated,
    /// The provider tells it in a way that can't be read. The token is as good as one of [`Unstated`](Self::Unstated), and
    /// the operator should know.
    Unreadable,
}
