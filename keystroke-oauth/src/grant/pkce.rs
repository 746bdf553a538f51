//! Random values that nobody can guess, and the proof key of RFC 7636.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::SecretString;
use keystroke_files::random_bytes;
use zeroize::Zeroizing;

use crate::error::ErrorKind;

/// 32 random bytes in base64url: 43 letters, as RFC 7636 §4.1 recommends for a verifier.
pub(crate) fn random() -> Result<SecretString, ErrorKind> {
    let mut bytes = Zeroizing::new([0; 32]);
    random_bytes(bytes.as_mut_slice()).map_err(|_| ErrorKind::NoRandomBytes)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// The challenge of a verifier, by the method S256.
pub(crate) fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.expose_secret()))
}

/// What random values are compared by: it tells nothing of them, and neither does the time that comparing it takes.
pub(crate) fn sha256(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636() {
        // Appendix B.
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_is_long_enough_and_another_each_time() {
        let [one, other] = [random().unwrap(), random().unwrap()];
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
