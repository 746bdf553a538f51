//! Text that must not be shown: the value of a secret field.
//!
//! A newtype over `secrecy` because that crate's own `SecretString` is `Clone`, and any crate of a build can
//! switch its serde feature on. What is absent here is the point (SEMANTICS S1).

use std::fmt;

use secrecy::ExposeSecret as _;
use zeroize::Zeroize as _;

/// A secret text. It is wiped from memory when dropped, its `Debug` shows nothing, and it can be neither
/// cloned, compared, printed nor serialised. [`expose_secret`](Self::expose_secret) is the one way to read it;
/// what you copy out of it is yours to look after.
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::SecretString;
///
/// let key = SecretString::from("sk-123");
/// assert_eq!(format!("{key:?}"), "SecretString([redacted])");
/// assert_eq!(key.expose_secret(), "sk-123");
/// ```
pub struct SecretString(secrecy::SecretString);

impl SecretString {
    /// The text itself.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for SecretString {
    fn from(text: &str) -> Self {
        Self(secrecy::SecretString::from(Box::<str>::from(text)))
    }
}

impl From<String> for SecretString {
    /// Takes the text over. Where the string's capacity is above its length, the text is copied and the old
    /// buffer wiped: shrinking it in place could leave a copy behind.
    fn from(mut text: String) -> Self {
        if text.capacity() == text.len() {
            return Self(secrecy::SecretString::from(text.into_boxed_str()));
        }
        let secret = Self::from(text.as_str());
        text.zeroize();
        secret
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString([redacted])")
    }
}
