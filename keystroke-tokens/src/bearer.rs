//! What a token looks like: `kst_<id>_<secret>`. The id finds it in the file, and the secret is 32 random bytes in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::SecretString;
use keystroke_files::{is_base32, random_base32, random_bytes};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::TokenError;

const PREFIX: &str = "kst_";
const SECRET_BYTES: usize = 32;
/// Of a SHA-256.
pub(crate) const DIGEST_BYTES: usize = 32;
const ID_LETTERS: usize = 12;

/// A token that was just generated.
pub(crate) struct GeneratedToken {
    pub(crate) id: String,
    pub(crate) token: SecretString,
    pub(crate) digest: [u8; DIGEST_BYTES],
}

impl GeneratedToken {
    pub(crate) fn new() -> Result<Self, TokenError> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        let id = random_base32(ID_LETTERS).map_err(no_random_bytes)?;
        random_bytes(secret.as_mut_slice()).map_err(no_random_bytes)?;
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()));
        let mut token = String::with_capacity(PREFIX.len() + id.len() + 1 + encoded.len());
        token.push_str(PREFIX);
        token.push_str(&id);
        token.push('_');
        token.push_str(&encoded);
        Ok(Self { id, token: SecretString::from(token), digest: Sha256::digest(secret.as_slice()).into() })
    }
}

fn no_random_bytes(error: impl std::error::Error + Send + Sync + 'static) -> TokenError {
    TokenError::NoRandomBytes(std::io::Error::other(error))
}

/// The token that a client shows, taken apart.
pub(crate) struct PresentedToken<'t> {
    pub(crate) id: &'t str,
    pub(crate) digest: [u8; DIGEST_BYTES],
}

impl<'t> PresentedToken<'t> {
    /// `None` for text that can't be a token.
    pub(crate) fn parse(token: &'t str) -> Option<Self> {
        let (id, encoded) = token.strip_prefix(PREFIX)?.split_once('_')?;
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(encoded, secret.as_mut_slice()).ok()?;
        (length == SECRET_BYTES).then(|| Self { id, digest: Sha256::digest(secret.as_slice()).into() })
    }
}

/// A digest as the file spells it.
pub(crate) fn encode_digest(digest: &[u8; DIGEST_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

pub(crate) fn decode_digest(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// An id as an error may repeat it: `…` for anything else, such as a whole token in its place.
pub(crate) fn shown_id(id: &str) -> String {
    if is_base32(id, ID_LETTERS) { id.to_owned() } else { "…".to_owned() }
}
