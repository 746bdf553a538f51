//! A name from a client as an answer or a log may repeat it. By mistake a client puts a token where a name belongs, and a
//! name may be as long as a message.

/// Only so many characters are repeated.
const LONGEST: usize = 64;

/// The name, shortened and with control characters escaped; `…` if it looks like a secret.
pub(crate) fn safe_name(name: &str) -> String {
    if keystroke_files::holds_secret(name) {
        return "…".to_owned();
    }
    name.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}
