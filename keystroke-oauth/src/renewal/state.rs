//! What is kept of the renewal of one version of a grant.

use std::time::{Duration, SystemTime};

use super::time::{between, earlier, later, part, whole};
use super::{DEAD_TOGETHER_WITHIN, KEEP_DEAD};
use crate::grant::Grant;
use crate::provider::{Provider, RefreshTokens};
use crate::token::{ErrorCode, Expiry};

/// No token is lent with less than this left, nor with less than a tenth of its life.
const LEFT_WHEN_LENT: Duration = Duration::from_secs(30);
/// A refresh begins so long before the end, or at half of the token's life.
const EARLY: Duration = Duration::from_secs(15 * 60);

/// What the rules need to know of a grant and its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Whether the grant can be renewed at all.
    pub is_renewable: bool,
    /// What becomes of the refresh token that an exchange sends. None for a machine, which sends none.
    pub tokens: RefreshTokens,
    /// An exchange ends the old access token.
    pub kills_access_token: bool,
    /// How long a grant lives that is not used.
    pub idle: Option<Duration>,
}

impl Terms {
    /// Those of a grant that this provider gave.
    pub fn of(provider: &Provider, grant: &Grant) -> Self {
        let refresh = provider.refresh();
        let tokens = if grant.has_refresh_token() { refresh.tokens } else { RefreshTokens::None };
        Self {
            is_renewable: grant.is_renewable(),
            tokens,
            kills_access_token: refresh.kills_access_token,
            idle: provider.lifetimes().idle,
        }
    }
}

/// The state of one version of a grant. It holds no secret. [`encode`](Self::encode) makes the bytes that a store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    pub(super) is_renewable: bool,
    pub(super) tokens: RefreshTokens,
    pub(super) issued_at: SystemTime,
    pub(super) expiry: Option<SystemTime>,
    pub(super) lend_until: Option<SystemTime>,
    pub(super) refresh_at: Option<SystemTime>,
    pub(super) keep_alive_at: Option<SystemTime>,
    /// The last exchange that ended with a verdict.
    pub(super) exchanged_at: SystemTime,
    pub(super) failures: u32,
    pub(super) cooldown_until: Option<SystemTime>,
    pub(super) unknowns: u32,
    pub(super) first_dead: Option<SystemTime>,
    pub(super) last_dead: Option<SystemTime>,
    /// A person has to connect again.
    pub(super) dead_since: Option<SystemTime>,
    pub(super) was_refused: bool,
    pub(super) last: Option<LastVerdict>,
}

impl Renewal {
    /// That of what was just issued, by a first sign-in or by an exchange. `sent` is when the provider was asked, and
    /// `random` 32 random bits, by which connections that began together don't all refresh together.
    pub fn issued(terms: &Terms, expiry: Expiry, sent: SystemTime, random: u32) -> Self {
        let sent = whole(sent);
        let end = match expiry {
            Expiry::At(end) => Some(whole(end)),
            Expiry::Unstated | Expiry::Unreadable => None,
        };
        let life = |end| between(sent, end);
        let lend_until = end.map(|end| earlier(end, LEFT_WHEN_LENT.min(life(end) / 10)));
        let refresh_at = end.filter(|_| terms.is_renewable && !terms.kills_access_token).map(|end| {
            let early = EARLY.min(life(end) / 2);
            earlier(end, early + part(early / 5, random))
        });
        let keep_alive_at = terms.idle.filter(|_| terms.is_renewable && terms.tokens != RefreshTokens::None);
        Self {
            is_renewable: terms.is_renewable,
            tokens: terms.tokens,
            issued_at: sent,
            expiry: end,
            lend_until,
            refresh_at,
            keep_alive_at: keep_alive_at.map(|idle| later(sent, idle / 2)),
            exchanged_at: sent,
            failures: 0,
            cooldown_until: None,
            unknowns: 0,
            first_dead: None,
            last_dead: None,
            dead_since: None,
            was_refused: false,
            last: None,
        }
    }

    /// Marks that a third party refused the token (SEMANTICS O8). For a store to save before the exchange that
    /// [`Occasion::Refused`](super::Occasion::Refused) asks for, so that there is one for each version, and also where it
    /// got [`Need::NeedsReconnect`](super::Need::NeedsReconnect): such a token is not lent again.
    #[must_use]
    pub fn refused(&self) -> Self {
        Self { was_refused: true, ..self.clone() }
    }

    /// When the access token was asked for.
    pub const fn issued_at(&self) -> SystemTime {
        self.issued_at
    }

    /// The access token's own end, if it is known.
    pub const fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    /// The access token is lent before this time only. None: until it is refused.
    pub const fn lend_until(&self) -> Option<SystemTime> {
        self.lend_until
    }

    /// When an early refresh begins; none if there is none.
    pub const fn refresh_at(&self) -> Option<SystemTime> {
        self.refresh_at
    }

    /// When to use a grant that would otherwise end unused: at half of its idle limit.
    pub const fn keep_alive_at(&self) -> Option<SystemTime> {
        self.keep_alive_at
    }

    /// No exchange before this time, because earlier ones failed.
    pub const fn cooldown_until(&self) -> Option<SystemTime> {
        self.cooldown_until
    }

    /// The last verdict since the token was issued.
    pub const fn last_verdict(&self) -> Option<&LastVerdict> {
        self.last.as_ref()
    }

    /// Since when a person has to connect again.
    pub const fn needs_reconnect_since(&self) -> Option<SystemTime> {
        self.dead_since
    }

    /// When the refresh token of a dead grant may be wiped: it stays sealed for [`KEEP_DEAD`].
    pub fn wipe_at(&self) -> Option<SystemTime> {
        self.dead_since.map(|since| later(since, KEEP_DEAD))
    }

    /// Whether the provider called the grant dead within the last [`DEAD_TOGETHER_WITHIN`], counted or not: what a store
    /// counts over the other connections of the client.
    pub fn died_lately(&self, now: SystemTime) -> bool {
        self.last_dead.is_some_and(|at| between(at, now) <= DEAD_TOGETHER_WITHIN)
    }

    /// Whether the access token may be lent.
    pub(super) fn is_good(&self, now: SystemTime) -> bool {
        let is_refused_for_good = self.was_refused && self.dead_since.is_some();
        !is_refused_for_good && self.lend_until.is_none_or(|bound| now < bound)
    }
}

/// A verdict that was no answer, for lists and screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastVerdict {
    /// Which.
    pub name: VerdictName,
    /// When.
    pub at: SystemTime,
    /// The provider's code, if that was the reason.
    pub code: Option<ErrorCode>,
}

/// The name of a [`Verdict`](crate::Verdict) that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictName {
    /// The grant is gone.
    Dead,
    /// It may work later.
    Transient,
    /// The client is refused.
    Client,
    /// Nobody knows.
    Unknown,
}

impl VerdictName {
    pub(super) const ALL: [Self; 4] = [Self::Dead, Self::Transient, Self::Client, Self::Unknown];

    /// As [`Verdict::name`](crate::Verdict::name).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Transient => "transient",
            Self::Client => "client",
            Self::Unknown => "unknown",
        }
    }
}
