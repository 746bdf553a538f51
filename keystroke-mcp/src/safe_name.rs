//! What a client calls something, as an answer or a log may repeat it. A slip puts a token where a name belongs, and a name
//! may be as long as a message.

/// Only so many characters are repeated.
const MOST: usize = 64;

/// The name: short, without characters that do something, and `…` for one that is a secret by its form.
pub(crate) fn shown(name: &str) -> String {
    if keystroke_files::holds_secret(name) {
        return "…".to_owned();
    }
    name.chars().take(MOST).flat_map(char::escape_debug).collect()
}
