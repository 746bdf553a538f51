//! Text from elsewhere, made safe to show: a damaged or foreign store, a path or a label may hold escape sequences
//! that a terminal would obey, or marks that reverse the reading order. And times, as people and programs read them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::SystemTime;

/// Whether showing a character could change more than its own place on the screen.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// One line of text with such characters spelled out: `\u{1b}`.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

/// The same JSON, safe to show. Such characters occur only inside strings: between them serde_json writes line ends and
/// spaces. All have four hexadecimal digits.
pub(crate) fn json(text: String) -> String {
    let spell = |c: char| is_unsafe(c) && c != '\n';
    if !text.chars().any(spell) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if !spell(c) {
            safe.push(c);
        } else if write!(safe, "\\u{:04x}", u32::from(c)).is_err() {
            // A `String` takes every write.
            safe.push('?');
        }
    }
    safe
}

/// RFC 3339 to the second. Times outside the years 1970 to 9999, which it does not reach, are told in words.
pub(crate) fn time(at: SystemTime) -> String {
    if keystroke_files::is_rfc3339(at) {
        humantime::format_rfc3339_seconds(at).to_string()
    } else if at < SystemTime::UNIX_EPOCH {
        "before 1970".to_owned()
    } else {
        "after 9999".to_owned()
    }
}

/// `1 instance`, `2 instances`.
pub(crate) fn count(number: impl Into<u64>, one: &str) -> String {
    let number: u64 = number.into();
    if number == 1 {
        return format!("1 {one}");
    }
    let (stem, ending) = one.strip_suffix('y').map_or((one, "s"), |stem| (stem, "ies"));
    format!("{number} {stem}{ending}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(line("Production Slack ✓"), "Production Slack ✓");
        assert_eq!(line("a\u{1b}[2Jb\r\n\u{9b}c\u{202e}d"), r"a\u{1b}[2Jb\r\n\u{9b}c\u{202e}d");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "label": "a\u{1b}[2J\u{9b}\u{202e}\u{7f}", "plain": "ä\n" });
        let safe = json(serde_json::to_string_pretty(&value).unwrap());
        assert!(safe.chars().all(|c| !is_unsafe(c) || c == '\n'), "{safe:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn times_that_have_no_form_do_not_panic() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(time(epoch), "1970-01-01T00:00:00Z");
        assert_eq!(time(epoch - Duration::from_secs(1)), "before 1970");
        assert_eq!(time(epoch + Duration::from_secs(300_000_000_000)), "after 9999");
    }
}
