//! What was typed, shown only if it cannot be a secret: a mistake such as `--set $KEY` for `--set api_key=$KEY` puts a secret
//! where a name belongs.

use keystroke_core::fix;

/// How similar a mistyped name must be to the one that was meant, from 0 to 1.
const ALIKE: f64 = 0.6;

/// The name that was probably meant.
pub(crate) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (alike(typed, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// Whether a typing mistake may have turned one into the other.
pub(crate) fn is_near(typed: &str, name: &str) -> bool {
    alike(typed, name) >= ALIKE
}

fn alike(typed: &str, name: &str) -> f64 {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    strsim::normalized_damerau_levenshtein(&plain(typed), &plain(name))
}

/// `` `api_key`, or `port` ``.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "none, for it has none".to_owned(),
    }
}

/// The lengths up to which a text may be the name of a field, or another name.
const FIELD: usize = 32;
const NAME: usize = 48;

/// A field for a text: `` `api_key` ``, or words for what no credential would declare.
pub(crate) fn field(text: &str) -> String {
    plain_field(text).map_or_else(|| "a field".to_owned(), |field| format!("`{field}`"))
}

/// A field for a command: `api_key`, or `FIELD`. A shell would read `<field>` as two redirections.
pub(crate) fn field_in_command(text: &str) -> &str {
    plain_field(text).unwrap_or(fix::FIELD)
}

/// The text, if it is a name that a credential would declare: `snake_case`, of short words.
pub(crate) fn plain_field(text: &str) -> Option<&str> {
    let first = text.starts_with(|c: char| c.is_ascii_lowercase());
    (first && text.len() < FIELD && text.split('_').all(is_word)).then_some(text)
}

/// A credential key for a text; `KEY` for anything else.
pub(crate) fn key(text: &str) -> &str {
    if is_name(text) { text } else { "KEY" }
}

/// A tool for a text; `<tool>` for anything else.
pub(crate) fn tool(text: &str) -> &str {
    if is_name(text) { text } else { "<tool>" }
}

/// An id for a text: its key and what the vault adds, a word of twelve letters and digits.
pub(crate) fn id(text: &str) -> Option<&str> {
    let added =
        |word: &str| word.len() <= 12 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_id = |(key, word): (&str, &str)| is_name(key) && added(word);
    (is_name(text) || text.rsplit_once('-').is_some_and(is_id)).then_some(text)
}

/// An environment variable for a text: a name in capitals or in small letters.
pub(crate) fn variable(text: &str) -> Option<&str> {
    let (small, large) = (text.to_ascii_lowercase(), text.to_ascii_uppercase());
    (is_name(&small) && (text == small || text == large)).then_some(text)
}

fn is_name(text: &str) -> bool {
    text.len() <= NAME && text.split(['-', '_']).all(is_word)
}

/// Letters with a few digits before or after them, or a few of both: `oauth2`, `1password`, `n8n`.
fn is_word(word: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    let letters = word.trim_matches(digits);
    let simple = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let few = letters.len() <= 16 && word.len() - letters.len() <= 4;
    simple && (word.len() <= 4 || few && letters.chars().all(|c| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_near() {
        let names = ["api_key", "webhookSecret", "port"];
        for (typed, meant) in [
            ("apikey", Some("api_key")),
            ("apiKey", Some("api_key")),
            ("api_kye", Some("api_key")),
            ("webhook_secret", Some("webhookSecret")),
            ("prot", Some("port")),
            ("region", None),
            ("c2VjcmV0LWNhbmFyeQ", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
    }

    #[test]
    fn names_are_shown_and_what_may_be_a_secret_is_not() {
        for name in ["api_key", "token", "client_secret", "s3_bucket", "oauth2_token", "id", "private_key_id"]
        {
            assert_eq!((plain_field(name), field_in_command(name), key(name)), (Some(name), name, name));
        }
        for name in ["exa", "n8n", "1password", "a-key-of-some-length", "google-oauth2"] {
            assert_eq!((key(name), id(name)), (name, Some(name)));
        }
        for name in ["exa-7k2m4q9d3x5z", "a-key-of-some-length-7k2m4q9d3x5z", "no-such-id"] {
            assert_eq!(id(name), Some(name));
        }
        for secret in [
            "c2VjcmV0LWNhbmFyeQ",
            "JBSWY3DPEHPK3PXP",
            "sk-proj-4f9c2e7ab01d8856",
            "xoxb-123456789012-1234567890123-a1b2c3d4e5f6g7h8",
            "d41d8cd98f00b204e9800998ecf8427e",
            "5f4dcc3b-5aa7-65d6-1d83-27deb882cf99",
            "qwertyuiopasdfghjklzxcvbnm",
            "hunter2hunter2",
        ] {
            assert_eq!((field(secret), field_in_command(secret)), ("a field".to_owned(), "FIELD"));
            assert_eq!(key(secret), "KEY");
        }
        for name in ["EXA_API_KEY", "AWS_SECRET_ACCESS_KEY", "database_url", "NEXT_PUBLIC_SITE__URL"] {
            assert_eq!(variable(name), Some(name));
        }
        for secret in ["JBSWY3DPEHPK3PXP", "Y2FuYXJ5", "QWERTYUIOPASDFGHJKLZXCVBNM", "exa_Key"] {
            assert_eq!(variable(secret), None);
        }
        assert_eq!(id("d41d8cd98f00b204e9800998ecf8427e"), None);
        assert_eq!(id("sk-proj-4f9c2e7ab01d8856"), None);
    }
}
