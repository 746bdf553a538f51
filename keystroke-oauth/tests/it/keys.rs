//! An RSA key that signs assertions, made anew for each run: no private key stands in the repository.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub struct Key {
    pub pkcs8: String,
    pub pkcs1: String,
    pub public: String,
}

pub static KEY: LazyLock<Key> = LazyLock::new(|| {
    /// What PKCS#8 puts before the PKCS#1 of a key of 2048 bits.
    const BEFORE: usize = 26;
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("its bytes");
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    Key {
        pkcs8: pem("PRIVATE KEY", private.as_ref()),
        pkcs1: pem("RSA PRIVATE KEY", &private.as_ref()[BEFORE..]),
        public: pem("RSA PUBLIC KEY", pair.public_key().as_ref()),
    }
});
