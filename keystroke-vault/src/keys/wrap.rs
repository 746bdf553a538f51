//! A ring that is kept wrapped, and what unwraps it: the interface to a key management service.
//!
//! A wrapped ring is one line, `@wrapped:` and base64, among comments. No key's id begins with `@`, so it is never
//! taken for an unwrapped ring.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystroke_core::SecretString;

use super::key_source::KeySource;
use super::ring::unquoted;
use crate::error::{Result, VaultError};

const MARK: &str = "@wrapped:";

/// Wraps a vault's key ring, so that its file alone gives nobody a key: implement it for a key management service,
/// and give it to [`VaultOptions::key_wrapper`](crate::VaultOptions::key_wrapper).
///
/// The ring is unwrapped once when a vault is opened, and again when another process has rotated its key; it is
/// wrapped when keystroke makes or changes it. Both calls block, and an error fails the operation that needed the
/// ring. The operator is shown what an error says: it must not hold the ring.
///
/// ```
/// # use std::error::Error;
/// use keystroke_core::SecretString;
/// use keystroke_vault::{KeyWrapper, VaultOptions};
/// # struct Kms;
/// # impl Kms {
/// #     fn encrypt(&self, _: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(Vec::new()) }
/// #     fn decrypt(&self, _: &[u8]) -> Result<String, std::io::Error> { Ok(String::new()) }
/// # }
///
/// struct ByKms(Kms);
///
/// impl KeyWrapper for ByKms {
///     fn name(&self) -> &str {
///         "KMS key alias/keystroke"
///     }
///
///     fn wrap_ring(&self, ring: &SecretString) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
///         Ok(self.0.encrypt(ring.expose_secret().as_bytes())?)
///     }
///
///     fn unwrap_ring(&self, wrapped: &[u8]) -> Result<SecretString, Box<dyn Error + Send + Sync>> {
///         Ok(self.0.decrypt(wrapped)?.into())
///     }
/// }
///
/// let options = VaultOptions::at("/srv/app/keystroke").key_wrapper(ByKms(Kms));
/// ```
pub trait KeyWrapper: Send + Sync + 'static {
    /// What wraps, for messages; it must not hold a secret.
    fn name(&self) -> &str;

    /// Wraps a ring: the text of its file.
    ///
    /// # Errors
    /// Whatever the service says.
    fn wrap_ring(&self, ring: &SecretString) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>;

    /// Gives back what [`wrap_ring`](Self::wrap_ring) was given.
    ///
    /// # Errors
    /// Whatever the service says.
    fn unwrap_ring(&self, wrapped: &[u8]) -> Result<SecretString, Box<dyn Error + Send + Sync>>;
}

/// What a text holds in wrapped form; `None` if it is an unwrapped ring.
pub(crate) fn wrapped(text: &str, source: &KeySource) -> Result<Option<Vec<u8>>> {
    let mut entries = unquoted(text)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let Some(wrapped) = entries.peek().and_then(|entry| entry.strip_prefix(MARK)) else { return Ok(None) };
    let malformed = |problem| Err(VaultError::MalformedRing { source: source.clone(), line: 0, problem });
    let Ok(wrapped) = STANDARD.decode(wrapped) else { return malformed("is wrapped and not base64") };
    if entries.nth(1).is_some() {
        return malformed("has more after its wrapped ring");
    }
    Ok(Some(wrapped))
}

pub(crate) fn open(wrapper: &dyn KeyWrapper, wrapped: &[u8], source: &KeySource) -> Result<SecretString> {
    wrapper.unwrap_ring(wrapped).map_err(|error| failed(wrapper, source.clone(), "unwrapped", &*error))
}

/// The text to store, with the ring wrapped.
pub(crate) fn close(wrapper: &dyn KeyWrapper, ring: &str, source: KeySource) -> Result<String> {
    let wrapped = wrapper
        .wrap_ring(&SecretString::from(ring))
        .map_err(|error| failed(wrapper, source, "wrapped", &*error))?;
    let name: String = wrapper.name().chars().filter(|c| !c.is_control()).collect();
    Ok(format!(
        "# The key of a keystroke vault, wrapped by {name}. Nothing in the vault can be read without both.\n\
         {MARK}{}\n",
        STANDARD.encode(wrapped)
    ))
}

fn failed(wrapper: &dyn KeyWrapper, source: KeySource, what: &str, error: &dyn Error) -> VaultError {
    VaultError::KeyWrapping {
        problem: format!("could not be {what} by {}: {error}", wrapper.name()),
        fix: "see that it can be reached and that this program may use it".to_owned(),
        source,
    }
}

/// The ring is wrapped, and there is no wrapper.
pub(crate) fn no_wrapper(source: KeySource) -> VaultError {
    VaultError::KeyWrapping {
        problem: "is wrapped, and this program has nothing to unwrap it".to_owned(),
        fix: "use a program that gives `VaultOptions::key_wrapper` what wrapped it".to_owned(),
        source,
    }
}

/// The ring is not wrapped, and should be: either everybody can read it, or somebody else put it there.
pub(crate) fn not_wrapped(wrapper: &dyn KeyWrapper, source: KeySource) -> VaultError {
    VaultError::KeyWrapping {
        problem: format!("is not wrapped, as it should be by {}", wrapper.name()),
        fix: "wrap it once by `VaultOptions::wrap_key`, or leave `VaultOptions::key_wrapper` out".to_owned(),
        source,
    }
}
