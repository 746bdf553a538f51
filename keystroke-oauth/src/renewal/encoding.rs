//! The bytes of a renewal, which a store keeps as they are.

use std::time::{Duration, SystemTime};

use super::LONGEST_RENEWAL;
use super::state::{LastVerdict, Renewal, VerdictName};
use super::time::{from_millis, to_millis};
use crate::provider::RefreshTokens;
use crate::sealed::{Malformed, Record};
use crate::token::ErrorCode;

impl Renewal {
    /// Its bytes, at most [`LONGEST_RENEWAL`]. They hold no secret.
    pub fn encode(&self) -> Vec<u8> {
        let mut record = Record::new();
        let mut put = |name, time: Option<SystemTime>| {
            if let Some(time) = time {
                record.put(name, to_millis(time));
            }
        };
        put("issued_at", Some(self.issued_at));
        put("expiry", self.expiry);
        put("lend_until", self.lend_until);
        put("refresh_at", self.refresh_at);
        put("keep_alive_at", self.keep_alive_at);
        put("exchanged_at", Some(self.exchanged_at));
        put("cooldown_until", self.cooldown_until);
        put("first_dead", self.first_dead);
        put("last_dead", self.last_dead);
        put("dead_since", self.dead_since);
        put("last_at", self.last.as_ref().map(|last| last.at));
        record.put("renewable", u64::from(self.is_renewable));
        record.put("refused", u64::from(self.was_refused));
        record.put("failures", self.failures);
        record.put("unknowns", self.unknowns);
        let (tokens, grace) = word(self.tokens);
        record.put("tokens", tokens);
        record.put("grace", grace);
        if let Some(last) = &self.last {
            record.put("last", last.name.as_str());
            record.put_some("last_code", last.code.as_ref().map(ErrorCode::as_str));
        }
        record.lend(<[u8]>::to_vec)
    }

    /// The renewal that was encoded.
    ///
    /// # Errors
    /// [`Malformed`]: the bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > LONGEST_RENEWAL {
            return Err(Malformed);
        }
        let record = Record::read(bytes)?;
        let time = |name| from_millis(record.number(name)?).ok_or(Malformed);
        let some_time = |name| if record.has(name) { time(name).map(Some) } else { Ok(None) };
        let small = |name| u32::try_from(record.number(name)?).map_err(|_| Malformed);
        let flag = |name| match record.number(name)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        };
        let last = match record.optional_text("last") {
            Some(name) => Some(LastVerdict {
                name: VerdictName::ALL.into_iter().find(|known| known.as_str() == name).ok_or(Malformed)?,
                at: time("last_at")?,
                code: record.optional_text("last_code").as_deref().map(ErrorCode::new),
            }),
            None => None,
        };
        Ok(Self {
            is_renewable: flag("renewable")?,
            tokens: tokens(&record.text("tokens")?, record.number("grace")?)?,
            issued_at: time("issued_at")?,
            expiry: some_time("expiry")?,
            lend_until: some_time("lend_until")?,
            refresh_at: some_time("refresh_at")?,
            keep_alive_at: some_time("keep_alive_at")?,
            exchanged_at: time("exchanged_at")?,
            failures: small("failures")?,
            cooldown_until: some_time("cooldown_until")?,
            unknowns: small("unknowns")?,
            first_dead: some_time("first_dead")?,
            last_dead: some_time("last_dead")?,
            dead_since: some_time("dead_since")?,
            was_refused: flag("refused")?,
            last,
        })
    }
}

/// A word, and the milliseconds of a grace.
fn word(tokens: RefreshTokens) -> (&'static str, u64) {
    match tokens {
        RefreshTokens::None => ("none", 0),
        RefreshTokens::Stable => ("stable", 0),
        RefreshTokens::Rotates => ("rotates", 0),
        RefreshTokens::Grace(time) => ("grace", u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        RefreshTokens::RevokesFamily => ("revokes_family", 0),
    }
}

fn tokens(word: &str, grace: u64) -> Result<RefreshTokens, Malformed> {
    match word {
        "none" => Ok(RefreshTokens::None),
        "stable" => Ok(RefreshTokens::Stable),
        "rotates" => Ok(RefreshTokens::Rotates),
        "grace" => Ok(RefreshTokens::Grace(Duration::from_millis(grace))),
        "revokes_family" => Ok(RefreshTokens::RevokesFamily),
        _ => Err(Malformed),
    }
}
