//! Credentials that are withheld for a while, because they turned up in too many results (SEMANTICS S3, R7).
//!
//! Redaction answers guesses: if an action repeats a text, the mark shows whether the secret is in it. So a
//! runtime counts the redactions of each instance, and withholds one that has too many in a minute. Nothing here is asked
//! on the way of a call while nothing is withheld, and nothing is counted until something was removed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::run::clock::Moment;
use crate::store::instance::{Candidate, InstanceId};

/// A minute, in seconds: what redactions are counted in, and how long a credential is withheld.
const MINUTE: u64 = 60;
/// The most instances that are counted at a time.
const MOST_COUNTED: usize = 1024;

/// An instance within its organization.
type Name = (String, InstanceId);

/// What of one runtime is withheld, and what is counted towards it.
#[derive(Default)]
pub(crate) struct Withholding {
    /// What each call looks at.
    any: AtomicBool,
    counts: Mutex<HashMap<Name, Count>>,
}

/// The redactions of one secret, from the first of a minute on.
struct Count {
    /// Another secret of the instance, as after a rotation, was not guessed at.
    stamp: (u64, [u8; 16]),
    since: u64,
    redactions: u32,
    /// In seconds since 1970.
    until: Option<u64>,
}

impl Count {
    const fn new(stamp: (u64, [u8; 16]), now: u64) -> Self {
        Self { stamp, since: now, redactions: 0, until: None }
    }

    fn is_over(&self, now: u64) -> bool {
        self.until.unwrap_or(self.since + MINUTE) <= now
    }
}

fn name(candidate: &Candidate) -> Name {
    (candidate.organization.clone(), candidate.id.clone())
}

impl Withholding {
    /// Whether anything may be withheld.
    pub(crate) fn is_any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Until when an instance is withheld, if it is.
    #[cold]
    pub(crate) fn until(&self, candidate: &Candidate, now: Moment) -> Option<SystemTime> {
        let now = now.seconds();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.retain(|_, count| !count.is_over(now));
        self.any.store(counts.values().any(|count| count.until.is_some()), Ordering::Relaxed);
        let count = counts.get(&name(candidate)).filter(|count| count.stamp == candidate.stamp())?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(count.until?))
    }

    /// Counts that a secret of the instance was removed from something. `true` if it is withheld from now on: that was
    /// one more than `most` within a minute.
    pub(crate) fn count(&self, candidate: &Candidate, most: u32, now: Moment) -> bool {
        let (now, stamp) = (now.seconds(), candidate.stamp());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.retain(|_, count| !count.is_over(now));
        let name = name(candidate);
        if counts.len() >= MOST_COUNTED && !counts.contains_key(&name) {
            // The one that is over first makes room; one that is withheld goes last.
            let first = counts.iter().min_by_key(|(_, count)| (count.until, count.since));
            let first = first.map(|(name, _)| name.clone());
            first.and_then(|name| counts.remove(&name));
        }
        let count = counts.entry(name).or_insert_with(|| Count::new(stamp, now));
        if count.stamp != stamp {
            *count = Count::new(stamp, now);
        }
        count.redactions = count.redactions.saturating_add(1);
        if count.redactions <= most || count.until.is_some() {
            return false;
        }
        count.until = Some(now + MINUTE);
        self.any.store(true, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::instance::Instance;

    fn candidate(id: &str, version: u64) -> Candidate {
        Instance::new("exa").in_organization("acme").id(id).version(version).into_parts().0
    }

    fn at(seconds: u64) -> Moment {
        Moment::of(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds))
    }

    #[test]
    fn one_more_than_the_limit_within_a_minute_is_withheld_for_a_minute() {
        let (withholding, exa) = (Withholding::default(), candidate("exa-1", 1));
        assert!((0..3).all(|second| !withholding.count(&exa, 3, at(second))));
        assert!(!withholding.is_any());
        assert!(withholding.count(&exa, 3, at(50)));
        assert!(!withholding.count(&exa, 3, at(51)), "it is told once");
        assert!(withholding.is_any());
        assert!(withholding.until(&exa, at(109)).is_some());
        assert_eq!(withholding.until(&candidate("exa-2", 1), at(109)), None);
        assert_eq!(
            withholding.until(&candidate("exa-1", 2), at(109)),
            None,
            "a new secret was not guessed at"
        );
        assert_eq!(withholding.until(&exa, at(110)), None);
        assert!(!withholding.is_any());
        assert!(!withholding.count(&exa, 3, at(110)), "counted from the beginning");
    }

    #[test]
    fn redactions_of_different_minutes_do_not_add_up() {
        let (withholding, exa) = (Withholding::default(), candidate("exa-1", 1));
        assert!((0..100).all(|minute| !withholding.count(&exa, 1, at(minute * MINUTE))));
        assert!(withholding.count(&exa, 1, at(99 * MINUTE + 59)));
    }

    #[test]
    fn what_is_counted_is_bounded_and_what_is_withheld_stays() {
        let withholding = Withholding::default();
        let guessed = candidate("guessed", 1);
        assert!(withholding.count(&guessed, 0, at(0)));
        for number in 0..2 * MOST_COUNTED {
            withholding.count(&candidate(&number.to_string(), 1), 20, at(1));
        }
        assert!(withholding.counts.lock().unwrap().len() <= MOST_COUNTED);
        assert!(withholding.until(&guessed, at(1)).is_some());
    }

    #[test]
    fn no_limit_withholds_nothing() {
        let (withholding, exa) = (Withholding::default(), candidate("exa-1", 1));
        assert!((0..10_000).all(|_| !withholding.count(&exa, u32::MAX, at(0))));
    }
}
