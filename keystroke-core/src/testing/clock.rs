//! A clock that stands until the test moves it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::run::clock::Clock;

/// A clock that stands until the test moves it. Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use keystroke_core::testing::TestClock;
/// use keystroke_core::{Clock, MemoryStore, Runtime};
///
/// let clock = TestClock::new();
/// let runtime = Runtime::new(MemoryStore::new()).with_clock(clock.clone());
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), before + Duration::from_secs(60));
/// # let _ = runtime;
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    /// A clock at noon UTC of the first of January 2030: the same in every test.
    pub fn new() -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200))
    }

    /// A clock at this time.
    pub fn at(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Puts it to a time, which may be an earlier one.
    pub fn set(&self, to: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
