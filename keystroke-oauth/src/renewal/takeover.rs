//! What becomes of an exchange that somebody else began (SEMANTICS O7).
//!
//! A refresh token that works once may be spent by a request whose answer nobody saw, so that sending it again is a risk
//! that is taken only where nobody is left who could save that answer.

use std::time::SystemTime;

use super::RETRY_UNKNOWN_HOLDER;
use super::state::Renewal;
use super::time::{between, went_back};
use crate::provider::RefreshTokens;

/// An exchange that is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What is known of who began it.
    pub holder: Holder,
    /// Until when its holder has said that it works.
    pub lease_end: SystemTime,
    /// When it was sent, or the earliest time at which that can have been. None: nothing was sent.
    pub sent_at: Option<SystemTime>,
    /// How many holders before this one sent a request for the same version, and died.
    pub fell_silent: u32,
}

/// What is known of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Its process lives, though it may be stopped.
    Lives,
    /// Its process is gone: nobody can save an answer.
    Dead,
    /// It is on another machine, and its heartbeat stopped.
    Unreachable,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// Take the exchange over, and send it again.
    Retry,
    /// Leave it. A call that has to have the next token waits.
    Wait,
    /// Leave it. A call that has to have the next token fails with `refreshing`, and may be retried.
    Refreshing,
}

impl Renewal {
    /// What to do about an exchange of this version that somebody else began.
    pub fn takeover(&self, exchange: &Exchange, now: SystemTime) -> Takeover {
        let is_over = exchange.lease_end <= now;
        let wait = if is_over && !self.is_good(now) { Takeover::Refreshing } else { Takeover::Wait };
        let Some(sent_at) = exchange.sent_at else {
            // While its holder lives, it may be about to send.
            let is_gone = exchange.holder != Holder::Lives;
            return if is_gone { Takeover::Retry } else { wait };
        };
        let was_long_ago = between(sent_at, now) >= RETRY_UNKNOWN_HOLDER && !went_back(sent_at, now);
        let may_retry = match exchange.holder {
            Holder::Lives => is_over && self.works_again(sent_at, now),
            Holder::Dead => exchange.fell_silent == 0 || self.works_again(sent_at, now) || was_long_ago,
            Holder::Unreachable => is_over && (self.works_again(sent_at, now) || was_long_ago),
        };
        if may_retry { Takeover::Retry } else { wait }
    }

    /// Whether the refresh token works though it was sent at `sent_at`.
    fn works_again(&self, sent_at: SystemTime, now: SystemTime) -> bool {
        match self.tokens {
            RefreshTokens::None | RefreshTokens::Stable => true,
            RefreshTokens::Grace(grace) => between(sent_at, now) < grace && !went_back(sent_at, now),
            RefreshTokens::Rotates | RefreshTokens::RevokesFamily => false,
        }
    }
}
