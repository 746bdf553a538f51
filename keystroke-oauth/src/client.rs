//! A client: an application that someone registered at a provider, with what it proves itself by.

use std::fmt;

use aws_lc_rs::signature::RsaKeyPair;
use keystroke_core::SecretString;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use crate::sealed::{Malformed, Record};

/// An application that is registered at a provider. Its secret and its key go in and never come out: there is no getter, no
/// `Debug` and no `Clone`, and [`seal`](Self::seal) lends its bytes to whoever encrypts them.
pub struct Client {
    id: String,
    secret: Option<SecretString>,
    key: Option<SigningKey>,
}

struct SigningKey {
    pem: SecretString,
    /// The provider's name for it, for the `kid` of a signature.
    id: Option<String>,
    pair: RsaKeyPair,
}

impl Client {
    /// A client without a secret: a public one.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), secret: None, key: None }
    }

    /// The same with a secret.
    #[must_use]
    pub fn with_secret(mut self, secret: SecretString) -> Self {
        self.secret = Some(secret);
        self
    }

    /// The same with an RSA key in PEM (PKCS#8 or PKCS#1), which signs assertions. `id` is the provider's name for the key,
    /// if it gives keys names.
    ///
    /// # Errors
    /// [`BadKey`]: the text is not such a key.
    pub fn with_key(mut self, pem: SecretString, id: Option<String>) -> Result<Self, BadKey> {
        let pair = read_key(&pem)?;
        self.key = Some(SigningKey { pem, id, pair });
        Ok(self)
    }

    /// Its id at the provider, which is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) const fn secret(&self) -> Option<&SecretString> {
        self.secret.as_ref()
    }

    /// The key pair, and the provider's name for it.
    pub(crate) fn key(&self) -> Option<(&RsaKeyPair, Option<&str>)> {
        self.key.as_ref().map(|key| (&key.pair, key.id.as_deref()))
    }

    /// Lends its bytes, to be encrypted and kept. They are wiped afterwards.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8]) -> R) -> R {
        let mut record = Record::new();
        record.put("id", self.id.as_str());
        record.put_some("secret", self.secret.as_ref().map(SecretString::expose_secret));
        if let Some(SigningKey { pem, id, .. }) = &self.key {
            record.put("key", pem.expose_secret());
            record.put_some("key_id", id.as_deref());
        }
        record.lend(seal)
    }

    /// The client whose bytes [`seal`](Self::seal) lent.
    ///
    /// # Errors
    /// [`Malformed`]: the bytes are something else.
    pub fn from_sealed(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut record = Record::read(bytes)?;
        let mut client = Self::new(record.text("id")?);
        client.secret = record.secret("secret");
        if let Some(pem) = record.secret("key") {
            let id = record.optional_text("key_id");
            client = client.with_key(pem, id).map_err(|BadKey| Malformed)?;
        }
        Ok(client)
    }
}

fn read_key(pem: &SecretString) -> Result<RsaKeyPair, BadKey> {
    let der = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| BadKey)?;
    let der = Zeroizing::new(der);
    match &*der {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(BadKey),
    }
    .map_err(|_| BadKey)
}

/// The text is no RSA key in PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKey;

impl BadKey {
    /// `bad_key`.
    pub const fn code(&self) -> &'static str {
        "bad_key"
    }

    /// What is wrong.
    pub const fn problem(&self) -> &'static str {
        "the key that signs is no RSA key in PEM"
    }

    /// What to do about it.
    pub const fn fix(&self) -> &'static str {
        "give the whole key as the provider made it, from `-----BEGIN` to the last line; of a key file in JSON, the value of \
         `private_key`"
    }
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl std::error::Error for BadKey {}
