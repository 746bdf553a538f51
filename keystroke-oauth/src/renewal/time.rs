//! Times in whole milliseconds, as they are kept, and arithmetic that ends nowhere.

use std::time::{Duration, SystemTime};

/// By how much two readings of one clock may differ without it having jumped: a caller read it before it waited.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(10);

pub(super) fn to_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `None` for a time that this machine can't tell.
pub(super) fn from_millis(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

/// The time as it is when it was kept.
pub(super) fn whole(time: SystemTime) -> SystemTime {
    from_millis(to_millis(time)).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// `time` itself, if what is asked for is beyond all time.
pub(super) fn later(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_add(by).map_or(time, whole)
}

pub(super) fn earlier(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_sub(by).map_or(SystemTime::UNIX_EPOCH, whole)
}

/// Nothing, if `earlier` is the later one.
pub(super) fn between(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}

/// Whether the clock was set back since it showed `seen`.
pub(super) fn went_back(seen: SystemTime, now: SystemTime) -> bool {
    between(now, seen) > CLOCK_TOLERANCE
}

/// A part of `whole`, from nothing to nearly all, by random bits.
pub(super) fn part(whole: Duration, random: u32) -> Duration {
    whole.mul_f64(f64::from(random) / (f64::from(u32::MAX) + 1.0))
}
