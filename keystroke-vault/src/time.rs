//! Times as the files hold them, unix milliseconds, and as people read them, RFC 3339.

use std::time::{Duration, SystemTime};

use serde::Serializer;

pub(crate) fn to_millis(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    }
}

/// A time out of the clock's range becomes the epoch: a seal covers the stored number, so only keystroke can have
/// written it.
pub(crate) fn from_millis(millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    let time = if millis < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// RFC 3339 with milliseconds; a time outside the years that this can write, as its number of milliseconds.
pub(crate) fn shown(time: SystemTime) -> String {
    if keystroke_files::is_rfc3339(time) {
        humantime::format_rfc3339_millis(time).to_string()
    } else {
        format!("{} ms since 1970-01-01T00:00:00Z", to_millis(time))
    }
}

pub(crate) fn rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown(*time))
}
