//! Where a key comes from, in words.

use std::fmt;
use std::path::PathBuf;

use keystroke_files::{shown, without_secrets};

/// Where a vault's key comes from, for messages. It holds no key.
#[derive(Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file of the key ring.
    File(PathBuf),
    /// This variable of the environment.
    Environment(String),
    /// The program itself gave it: [`VaultOptions::key`](crate::VaultOptions::key).
    Given,
    /// The operating system's keyring, under this name.
    Keyring(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "the key file {}", shown(file)),
            Self::Environment(variable) => write!(f, "the environment variable {variable}"),
            Self::Given => f.write_str("the key that this program gave"),
            Self::Keyring(name) => {
                write!(f, "the entry `{}` of the system's keyring", without_secrets(name))
            }
        }
    }
}

/// As `Display`: neither shows a name that has the form of a secret.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySource({self})")
    }
}
