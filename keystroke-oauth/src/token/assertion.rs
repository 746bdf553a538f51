//! Signed assertions (RFC 7523): a JWT, signed with RS256, by which a client or a machine proves itself.
//!
//! A JWT is two JSON objects and a signature, each in base64url, so it is written here. The signature is aws-lc's, which
//! rustls brings anyway.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_files::random_base32;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::error::ErrorKind;

/// How long a client's own assertion is good: for one request.
const CLIENT_ASSERTION_LIFETIME: Duration = Duration::from_secs(120);
/// How far `iat` is in the past. Providers refuse an assertion from the future, and no two clocks agree.
const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// Letters of a `jti`, five bits each.
const JTI_LETTERS: usize = 26;

/// What an assertion claims.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// From `issuer`, good for `lifetime`.
    pub(crate) fn new(issuer: &str, lifetime: Duration, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let issued = now.saturating_sub(CLOCK_SKEW);
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), issuer.into());
        claims.insert("iat".to_owned(), issued.as_secs().into());
        claims.insert("exp".to_owned(), issued.saturating_add(lifetime).as_secs().into());
        Self(claims)
    }

    /// By which a client authenticates (RFC 7523 §3, OpenID Connect Core §9).
    pub(crate) fn of_client(id: &str, audience: &str, now: SystemTime) -> Result<Self, ErrorKind> {
        let mut claims = Self::new(id, CLOCK_SKEW + CLIENT_ASSERTION_LIFETIME, now);
        claims.put("sub", id);
        claims.put("aud", audience);
        claims.put("jti", &random_base32(JTI_LETTERS).map_err(|_| ErrorKind::NoRandomBytes)?);
        Ok(claims)
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.into());
    }
}

/// The assertion, signed by a key, which may have a name at the provider.
pub(crate) fn sign(
    claims: &Claims,
    (pair, key_id): (&RsaKeyPair, Option<&str>),
) -> Result<Zeroizing<String>, ErrorKind> {
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let (Value::Object(fields), Some(id)) = (&mut header, key_id) {
        fields.insert("kid".to_owned(), id.into());
    }
    let claims = Value::Object(claims.0.clone()).to_string();
    let mut assertion = Zeroizing::new(format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims)
    ));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), assertion.as_bytes(), &mut signature)
        .map_err(|_| ErrorKind::NotSigned)?;
    assertion.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut assertion);
    Ok(assertion)
}
