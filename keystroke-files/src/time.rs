//! The bound on times: which can be written as RFC 3339, as every file of keystroke writes them.

use std::time::{Duration, SystemTime};

/// The last second of the year 9999.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Whether a time can be written in RFC 3339: from 1970 to 9999. `humantime` panics or fails outside of that.
pub fn is_rfc3339(time: SystemTime) -> bool {
    time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() <= LAST.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_from_1970_to_9999_have_a_text() {
        let epoch = SystemTime::UNIX_EPOCH;
        let fraction = Duration::from_nanos(999_999_999);
        for (time, has_text) in [
            (epoch, true),
            (epoch - Duration::from_micros(500), false),
            (epoch + LAST + fraction, true),
            (epoch + LAST + Duration::from_secs(1), false),
        ] {
            assert_eq!(is_rfc3339(time), has_text, "{time:?}");
        }
    }
}
