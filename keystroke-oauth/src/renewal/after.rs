//! What a verdict does to a grant (SEMANTICS O6). An answer is not in here: what was issued begins anew, by
//! [`Renewal::issued`].

use std::time::{Duration, SystemTime};

use super::state::{LastVerdict, Renewal, VerdictName};
use super::time::{between, later, part, whole};
use super::{DEAD_TOGETHER, LEAST_INTERVAL, LONGEST_COOLDOWN, UNKNOWNS_TOLD};
use crate::token::{Cause, ErrorCode, RetryAfter, Verdict};

/// What a store does beyond saving the renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it is tried again after the cooldown.
    TryLater,
    /// The same, and the operator is told: nobody knows what the provider means.
    TellUnknown,
    /// The same, and calls that can't be lent the token get `client_rejected`.
    ClientRejected,
    /// The same: this provider says so in outages too, and has to say it again.
    Unconfirmed,
    /// The same, and the operator is told: so many connections of the client died together that it is hardly the grants. The
    /// store [holds](Renewal::hold) the others as well.
    HoldClient,
    /// Calls are refused with `needs_reconnect` from this time on, when the access token has ended too. None: as soon as the
    /// token is refused.
    NeedsReconnect {
        /// That time.
        refuses_from: Option<SystemTime>,
    },
}

impl Renewal {
    /// What is to be kept after an exchange that ended at `now` with this verdict, and what to do. None after an answer.
    /// `others_dead` is how many other connections of the client [died lately](Self::died_lately), `random` 32 random bits.
    pub fn after<A>(
        &self,
        verdict: &Verdict<A>,
        others_dead: usize,
        now: SystemTime,
        random: u32,
    ) -> Option<(Self, Effect)> {
        let now = whole(now);
        let mut next = self.clone();
        next.exchanged_at = now;
        let (name, code) = match verdict {
            Verdict::Answer(_) => return None,
            Verdict::Dead { code, .. } => (VerdictName::Dead, Some(code)),
            Verdict::Client { code } => (VerdictName::Client, Some(code)),
            Verdict::Transient { cause, .. } => (VerdictName::Transient, code_of(cause)),
            Verdict::Unknown { cause, .. } => (VerdictName::Unknown, code_of(cause)),
        };
        next.last = Some(LastVerdict { name, at: now, code: code.cloned() });
        next.unknowns = if name == VerdictName::Unknown { self.unknowns.saturating_add(1) } else { 0 };
        let effect = match verdict {
            Verdict::Dead { confirm_after, .. } => next.dead(*confirm_after, others_dead, now, random),
            Verdict::Answer(_)
            | Verdict::Transient { .. }
            | Verdict::Unknown { .. }
            | Verdict::Client { .. } => {
                next.cool_down(retry_after(verdict), now, random);
                match name {
                    VerdictName::Client => Effect::ClientRejected,
                    VerdictName::Unknown if next.unknowns == UNKNOWNS_TOLD => Effect::TellUnknown,
                    _ => Effect::TryLater,
                }
            }
        };
        Some((next, effect))
    }

    /// Takes back a *dead* that came together with those of other connections of the client: it is tried again. For
    /// [`Effect::HoldClient`], on those that [died lately](Self::died_lately).
    #[must_use]
    pub fn hold(&self, now: SystemTime, random: u32) -> Self {
        let mut held = self.clone();
        if held.dead_since.take().is_some() {
            held.cool_down(None, whole(now), random);
        }
        held
    }

    fn dead(
        &mut self,
        confirm_after: Option<Duration>,
        others_dead: usize,
        now: SystemTime,
        random: u32,
    ) -> Effect {
        // The earlier of the two, should the clock have been set back between them.
        let first = self.first_dead.map_or(now, |first| first.min(now));
        self.first_dead = Some(first);
        self.last_dead = Some(now);
        if others_dead.saturating_add(1) >= DEAD_TOGETHER {
            self.cool_down(None, now, random);
            return Effect::HoldClient;
        }
        let confirm_after = confirm_after.unwrap_or_default();
        if between(first, now) < confirm_after {
            self.cool_down(None, now, random);
            let confirmed_from = later(first, confirm_after);
            self.cooldown_until = self.cooldown_until.max(Some(confirmed_from));
            return Effect::Unconfirmed;
        }
        self.dead_since = Some(now);
        self.cooldown_until = None;
        Effect::NeedsReconnect { refuses_from: self.lend_until }
    }

    /// Doubles with each failure, with its later half left to chance, and as long as the provider asks for.
    fn cool_down(&mut self, retry_after: Option<RetryAfter>, now: SystemTime, random: u32) {
        let doublings = self.failures.min(LONGEST_COOLDOWN.as_secs().ilog2() + 1);
        self.failures = self.failures.saturating_add(1);
        let whole = LEAST_INTERVAL.saturating_mul(1 << doublings).min(LONGEST_COOLDOWN);
        let half = whole / 2;
        let wait = (half + part(half, random)).max(LEAST_INTERVAL);
        let asked = retry_after.map_or(Duration::ZERO, |asked| asked.wait(now));
        self.cooldown_until = Some(later(now, wait.max(asked)));
    }
}

const fn code_of(cause: &Cause) -> Option<&ErrorCode> {
    match cause {
        Cause::Code(code) => Some(code),
        _ => None,
    }
}

const fn retry_after<A>(verdict: &Verdict<A>) -> Option<RetryAfter> {
    match verdict {
        Verdict::Transient { retry_after, .. } | Verdict::Unknown { retry_after, .. } => *retry_after,
        Verdict::Answer(_) | Verdict::Dead { .. } | Verdict::Client { .. } => None,
    }
}
