//! A table for each rule, and hours of calls by a clock that the test moves.

mod freshness;
mod hour;
mod kept;
mod takeover;
mod verdicts;

use std::time::{Duration, SystemTime};

use super::*;
use crate::provider::RefreshTokens;
use crate::token::{Cause, ErrorCode, Expiry, RetryAfter, Verdict};

/// The earliest and the latest that chance makes of a time.
const NONE: u32 = 0;
const MOST: u32 = u32::MAX;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Seconds after the token was asked for.
fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn at_millis(millis: u64) -> SystemTime {
    at(0) + Duration::from_millis(millis)
}

const fn rotates() -> Terms {
    Terms { is_renewable: true, tokens: RefreshTokens::Rotates, kills_access_token: false, idle: None }
}

/// A token that lives so many seconds.
fn living(seconds: u64) -> Renewal {
    Renewal::issued(&rotates(), Expiry::At(at(seconds)), at(0), NONE)
}

fn transient() -> Verdict<()> {
    Verdict::Transient { cause: Cause::Status(503), retry_after: None }
}

fn unknown() -> Verdict<()> {
    Verdict::Unknown { cause: Cause::Unreadable(200), retry_after: None }
}

fn client() -> Verdict<()> {
    Verdict::Client { code: ErrorCode::new("invalid_client") }
}

fn dead() -> Verdict<()> {
    Verdict::Dead { code: ErrorCode::new("invalid_grant"), confirm_after: None }
}

fn unsure_dead() -> Verdict<()> {
    let confirm_after = Some(Duration::from_secs(60));
    Verdict::Dead { code: ErrorCode::new("invalid_grant"), confirm_after }
}

fn asked_to_wait(seconds: u64) -> Verdict<()> {
    let retry_after = Some(RetryAfter::In(Duration::from_secs(seconds)));
    Verdict::Transient { cause: Cause::Status(429), retry_after }
}

/// What is kept, of a verdict that is no answer.
fn after(renewal: &Renewal, verdict: &Verdict<()>, seconds: u64) -> Renewal {
    renewal.after(verdict, 0, at(seconds), NONE).expect("no answer").0
}

fn effect(renewal: &Renewal, verdict: &Verdict<()>, others_dead: usize, seconds: u64) -> Effect {
    renewal.after(verdict, others_dead, at(seconds), NONE).expect("no answer").1
}
