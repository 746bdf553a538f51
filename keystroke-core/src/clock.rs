//! Time, as the runtime is given it. Nothing else in this crate reads a clock.

use std::time::SystemTime;

/// Tells the time. Any `Fn() -> SystemTime` is one, so a test can hold time in its hand:
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
