//! Whether a token is lent, and whether the provider is asked for the next one (SEMANTICS O4, O8, O9).

use std::time::SystemTime;

use super::state::Renewal;
use super::time::{between, later, went_back};
use super::{FORCED_AFTER, LEAST_INTERVAL};
use crate::grant::GrantVersion;

/// Why a store asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A call wants the token.
    Call,
    /// No call waits: the store looks for what is due.
    Early,
    /// A third party refused the token of a version (SEMANTICS O8).
    Refused {
        /// The version that was lent.
        lent: GrantVersion,
        /// The version that this renewal is of.
        current: GrantVersion,
    },
    /// The store was asked to keep grants alive that nobody uses.
    KeepAlive,
    /// An operator wants an exchange.
    Asked,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The token is good, and nothing is to be done.
    Lend,
    /// The token is good, and whoever comes first starts an exchange.
    LendAndRefresh,
    /// An exchange: a call waits for it.
    Refresh,
    /// An exchange is wanted, and none may be made before this time. [`Renewal::last_verdict`] says why.
    CoolingDown(SystemTime),
    /// A third party refused the token, which was exchanged for that already, or was issued less than
    /// [`FORCED_AFTER`] ago.
    Refused,
    /// The provider called the grant dead: a person has to connect again.
    NeedsReconnect,
    /// The token has ended, and nothing can renew it.
    NotRenewable,
}

impl Renewal {
    /// What has to be done at `now`.
    pub fn need(&self, now: SystemTime, occasion: Occasion) -> Need {
        let is_good = self.is_good(now);
        let has_passed = |time: Option<SystemTime>| time.is_some_and(|time| time <= now);
        // After the clock was set back, a token's end by that clock is no longer the provider's.
        let is_due = has_passed(self.refresh_at) || (self.is_renewable && went_back(self.issued_at, now));
        let is_wanted = match occasion {
            Occasion::Call => !is_good || is_due,
            Occasion::Early => is_due,
            Occasion::Refused { lent, current } if lent == current => {
                if is_good && !self.may_force(now) {
                    return if self.dead_since.is_some() { Need::NeedsReconnect } else { Need::Refused };
                }
                true
            }
            Occasion::Refused { .. } => !is_good,
            Occasion::KeepAlive => has_passed(self.keep_alive_at),
            Occasion::Asked => true,
        };
        if !is_wanted {
            return Need::Lend;
        }
        match self.obstacle(now) {
            None if is_good && occasion == Occasion::Call => Need::LendAndRefresh,
            None => Need::Refresh,
            Some(_) if is_good && matches!(occasion, Occasion::Call | Occasion::Early) => Need::Lend,
            Some(obstacle) => obstacle,
        }
    }

    /// Whether the token may be exchanged because a third party refused it: once, and not right after its issue, when the
    /// refusal means something else.
    fn may_force(&self, now: SystemTime) -> bool {
        let is_fresh = between(self.issued_at, now) < FORCED_AFTER && !went_back(self.issued_at, now);
        !self.was_refused && !is_fresh
    }

    /// What stands against an exchange.
    fn obstacle(&self, now: SystemTime) -> Option<Need> {
        if !self.is_renewable {
            return Some(Need::NotRenewable);
        }
        if self.dead_since.is_some() {
            return Some(Need::NeedsReconnect);
        }
        // A wait that was reckoned by a clock that was set back since would have no bound.
        if went_back(self.exchanged_at, now) {
            return None;
        }
        let least = later(self.exchanged_at, LEAST_INTERVAL);
        let until = self.cooldown_until.map_or(least, |until| until.max(least));
        (now < until).then_some(Need::CoolingDown(until))
    }
}
