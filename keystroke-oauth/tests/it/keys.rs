//! An RSA key that signs assertions, made anew for each run: no private key stands in the repository.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) struct Key {
    pub(crate) pkcs8: String,
    pub(crate) pkcs1: String,
    pub(crate) public: String,
}

pub(crate) static KEY: LazyLock<Key> = LazyLock::new(|| {
    /// What PKCS#8 puts before the PKCS#1 of a key of 2048 bits.
    const BEFORE: usize = 26;
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("its bytes");
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("its bytes");
    Key {
        pkcs8: pem(&pair),
        pkcs1: armor("RSA PRIVATE KEY", &private.as_ref()[BEFORE..]),
        public: armor("PUBLIC KEY", public.as_ref()),
    }
});

/// As PKCS#8 in PEM.
pub(crate) fn pem(pair: &RsaKeyPair) -> String {
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("its bytes");
    armor("PRIVATE KEY", private.as_ref())
}

fn armor(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
