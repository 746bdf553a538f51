//! Words of the commands in fixes: what is pasted into a shell means what was meant.

use std::borrow::Cow;

/// The text as one word of a shell.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_word_stays_one_word() {
        for (text, expected) in [
            ("acme", "acme"),
            ("ada@acme.example", "ada@acme.example"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$(id)`id`", "'$(id)`id`'"),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
