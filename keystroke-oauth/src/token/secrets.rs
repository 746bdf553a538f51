//! The secrets of one request, so that no error repeats one: a server could answer with any of what it was sent.

use zeroize::Zeroizing;

use super::verdict::ErrorCode;

/// The shortest secret that is looked for inside of a text, in bytes. A shorter one could be a part of any word.
const SHORTEST: usize = 8;

/// The secrets of one request. It has no `Debug`.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    pub(crate) fn add(&mut self, secret: &str) {
        // Hosts come back in lower case.
        self.0.push(Zeroizing::new(secret.to_ascii_lowercase()));
    }

    /// Whether the text repeats one of them.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let is_in = |secret: &Zeroizing<String>| {
            *text == **secret || (secret.len() >= SHORTEST && text.contains(secret.as_str()))
        };
        self.0.iter().any(is_in)
    }

    /// A code of the answer, as it may be shown.
    pub(crate) fn code(&self, code: &str) -> ErrorCode {
        if self.are_in(code) { ErrorCode::hidden() } else { ErrorCode::new(code) }
    }
}
