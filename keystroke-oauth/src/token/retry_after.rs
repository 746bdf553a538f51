//! `Retry-After`, in both of its forms (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime};

/// The longest wait that a provider is believed. Nobody is kept from a connection for a year by one header.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// When a provider wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after its answer.
    In(Duration),
    /// Not before this time, by the provider's clock.
    At(SystemTime),
}

impl RetryAfter {
    /// Reads the header's value. `None` for one that is neither seconds nor a date: a provider that spells it wrong is asked
    /// again as one that sends none.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are a long time too.
            return Some(Self::In(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
        }
        httpdate::parse_http_date(value).ok().map(Self::At)
    }

    /// How long to wait from `now` on: at most [`MAX_RETRY_AFTER`], and nothing for a time that has passed.
    pub fn wait(self, now: SystemTime) -> Duration {
        let wait = match self {
            Self::In(wait) => wait,
            Self::At(time) => time.duration_since(now).unwrap_or_default(),
        };
        wait.min(MAX_RETRY_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_bounded() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:27:59 GMT", Some(0)),
            ("Wednesday, 21-Oct-15 07:29:00 GMT", Some(60)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let read = RetryAfter::parse(value).map(|after| after.wait(now).as_secs());
            assert_eq!(read, seconds, "{value:?}");
        }
    }
}
