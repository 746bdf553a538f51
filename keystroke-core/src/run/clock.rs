//! The runtime's time. Nothing else in this crate reads a clock.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Tells the time. Any `Fn() -> SystemTime` is a clock, so a test can set it:
///
/// ```
/// use std::time::{Duration, SystemTime};
/// # use keystroke_core as keystroke;
/// use keystroke::{MemoryStore, Runtime};
///
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let runtime = Runtime::new(MemoryStore::new()).with_clock(move || noon);
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

impl<F: Fn() -> SystemTime + Send + Sync + 'static> Clock for F {
    fn now(&self) -> SystemTime {
        self()
    }
}

/// A time, and what of it is needed as a number.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    time: SystemTime,
    /// Milliseconds since 1970; of earlier times 0.
    millis: u64,
}

impl Moment {
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // `as_millis` counts in 128 bits, which each warm call would pay for.
        let millis = since.as_secs().saturating_mul(1000).saturating_add(since.subsec_millis().into());
        Self { time, millis }
    }

    pub(crate) const fn time(self) -> SystemTime {
        self.time
    }

    /// Milliseconds since 1970.
    pub(crate) const fn millis(self) -> u64 {
        self.millis
    }

    /// Whole seconds since 1970.
    pub(crate) const fn seconds(self) -> u64 {
        self.millis / 1000
    }
}

/// A clock that never goes back by more than the millisecond that it counts in. If a system's clock were set back, what
/// had expired would become usable again.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::time::{Duration, SystemTime};
/// # mod keystroke { pub use keystroke_core as run; }
/// use keystroke::run::{Clock, MonotonicClock};
///
/// static SECONDS: AtomicU64 = AtomicU64::new(200);
/// let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
/// let clock = MonotonicClock::new(move || at(SECONDS.load(Ordering::Relaxed)));
/// assert_eq!(Clock::now(&clock), at(200));
/// SECONDS.store(100, Ordering::Relaxed);
/// assert_eq!(Clock::now(&clock), at(200));
/// ```
pub struct MonotonicClock {
    clock: Box<dyn Clock>,
    /// The latest time that was told, in milliseconds since 1970.
    latest: AtomicU64,
}

impl MonotonicClock {
    /// Tells the time of `clock`, or the latest time it told if it was set back since.
    pub fn new(clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), latest: AtomicU64::new(0) }
    }

    pub(crate) fn moment(&self) -> Moment {
        let now = Moment::of(self.clock.now());
        // Threads share its line of memory for a millisecond, until one of them writes there.
        let latest = self.latest.load(Ordering::Relaxed);
        if now.millis > latest {
            self.latest.fetch_max(now.millis, Ordering::Relaxed);
        } else if now.millis < latest {
            let then = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(latest));
            return then.map_or(now, Moment::of);
        }
        now
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> SystemTime {
        self.moment().time()
    }
}

impl fmt::Debug for MonotonicClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonotonicClock").field("latest", &self.latest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_stands_until_it_is_past_again() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let seconds = std::sync::Arc::new(AtomicU64::new(100));
        let told = std::sync::Arc::clone(&seconds);
        let clock = MonotonicClock::new(move || at(told.load(Ordering::Relaxed)));
        for (set, tells) in [(100, 100), (200, 200), (150, 200), (0, 200), (199, 200), (201, 201)] {
            seconds.store(set, Ordering::Relaxed);
            assert_eq!(clock.now(), at(tells), "{set}");
        }
    }

    #[test]
    fn times_before_1970_are_times() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(MonotonicClock::new(move || before).now(), before);
    }
}
