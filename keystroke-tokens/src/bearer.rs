//! What a token looks like: `kst_<id>_<secret>`, the id to find it by and the secret in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::SecretString;
use keystroke_files::{is_base32, random_base32, random_bytes};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::TokenError;

const PREFIX: &str = "kst_";
const SECRET_BYTES: usize = 32;
/// Of a SHA-256.
pub(super) const DIGEST_BYTES: usize = 32;
const ID_LETTERS: usize = 12;

/// A token in the making.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) token: SecretString,
    pub(super) digest: [u8; DIGEST_BYTES],
}

pub(super) fn make() -> Result<Made, TokenError> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    let id = random_base32(ID_LETTERS).map_err(TokenError::NoRandomBytes)?;
    random_bytes(secret.as_mut_slice()).map_err(TokenError::NoRandomBytes)?;
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()));
    let mut token = String::with_capacity(PREFIX.len() + id.len() + 1 + encoded.len());
    token.push_str(PREFIX);
    token.push_str(&id);
    token.push('_');
    token.push_str(&encoded);
    Ok(Made { id, token: SecretString::from(token), digest: Sha256::digest(secret.as_slice()).into() })
}

/// What a client shows, taken apart.
pub(super) struct Parts<'t> {
    pub(super) id: &'t str,
    pub(super) digest: [u8; DIGEST_BYTES],
}

impl<'t> Parts<'t> {
    /// `None` for what can't be a token.
    pub(super) fn of(token: &'t str) -> Option<Self> {
        let (id, encoded) = token.strip_prefix(PREFIX)?.split_once('_')?;
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(encoded, secret.as_mut_slice()).ok()?;
        (length == SECRET_BYTES).then(|| Self { id, digest: Sha256::digest(secret.as_slice()).into() })
    }
}

/// How a digest is written.
pub(super) fn encoded(digest: &[u8; DIGEST_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

pub(super) fn decoded(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// An id as it may be repeated: a whole token in its place is not.
pub(super) fn shown(id: &str) -> String {
    if is_base32(id, ID_LETTERS) { id.to_owned() } else { "…".to_owned() }
}
