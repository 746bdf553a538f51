//! A ring that something else wraps, and one in a keyring.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::common::{Home, exa, fields, id, lent, store};
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use keystroke_core::SecretString;
use keystroke_vault::{KeySource, KeyWrapper, Vault, VaultError, VaultOptions};

/// Wraps with a key of its own, as a key management service does on its side.
#[derive(Clone, Default)]
struct Wrapper {
    key: [u8; 32],
    unwrapped: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

const NONCE: [u8; 24] = [7; 24];

impl Wrapper {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.key))
    }

    fn reached(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.down.load(Ordering::Relaxed) { Err("503 Service Unavailable".into()) } else { Ok(()) }
    }
}

impl KeyWrapper for Wrapper {
    fn name(&self) -> &str {
        "the test's wrapper"
    }

    fn wrap_ring(&self, ring: &SecretString) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        self.reached()?;
        let wrapped = self.cipher().encrypt(&XNonce::from(NONCE), ring.expose_secret().as_bytes());
        wrapped.map_err(|_| "not wrapped".into())
    }

    fn unwrap_ring(&self, wrapped: &[u8]) -> Result<SecretString, Box<dyn Error + Send + Sync>> {
        self.reached()?;
        self.unwrapped.fetch_add(1, Ordering::Relaxed);
        let ring =
            self.cipher().decrypt(&XNonce::from(NONCE), wrapped).map_err(|_| "wrapped by another key")?;
        Ok(String::from_utf8(ring)?.into())
    }
}

fn ring(home: &Home) -> String {
    fs::read_to_string(home.path().join("config/vault.keys")).unwrap()
}

#[tokio::test]
async fn a_wrapped_ring_is_unwrapped_once_when_it_is_opened() {
    let home = Home::new();
    let wrapper = Wrapper::default();
    let options = || home.options().key_wrapper(wrapper.clone());
    let (vault, created) = Vault::init(options()).unwrap();
    assert!(created.new_key);
    store(&vault, "a", exa().in_organization("acme"));
    drop(vault);
    let text = ring(&home);
    assert!(text.contains("wrapped by the test's wrapper") && text.contains("\n@wrapped:"), "{text}");
    wrapper.unwrapped.store(0, Ordering::Relaxed);
    let vault = Vault::open_with(options()).unwrap();
    assert_eq!(lent(&vault, "p").await.unwrap(), "a-secret");
    vault.rotate(&id("a"), fields("another-secret")).unwrap();
    assert_eq!(lent(&vault, "p").await.unwrap(), "another-secret");
    assert_eq!(wrapper.unwrapped.load(Ordering::Relaxed), 1);
    // Its key is rotated like any other's, and stays wrapped; who has it open unwraps it once more.
    let other = Vault::open_with(options()).unwrap();
    vault.rotate_key().unwrap();
    assert_ne!(ring(&home), text);
    assert!(ring(&home).contains("\n@wrapped:"));
    wrapper.unwrapped.store(0, Ordering::Relaxed);
    assert_eq!(lent(&other, "p").await.unwrap(), "another-secret");
    assert_eq!(wrapper.unwrapped.load(Ordering::Relaxed), 1);
}

/// A key that no ring has is asked for at each read of what is sealed with it; the service is not.
#[tokio::test]
async fn a_key_that_is_not_there_costs_one_unwrapping() {
    let home = Home::new();
    let wrapper = Wrapper::default();
    let (vault, _) = Vault::init(home.options().key_wrapper(wrapper.clone())).unwrap();
    store(&vault, "a", exa().in_organization("acme"));
    home.sql("vault.db", "UPDATE seals SET key_id = 'planted'");
    wrapper.unwrapped.store(0, Ordering::Relaxed);
    for _ in 0..5 {
        lent(&vault, "p").await.unwrap_err();
    }
    assert!(wrapper.unwrapped.load(Ordering::Relaxed) <= 1);
}

#[track_caller]
fn refused(options: VaultOptions, says: &[&str]) {
    let error = Vault::open_with(options).unwrap_err();
    assert!(matches!(error, VaultError::KeyWrapping { .. } | VaultError::MalformedRing { .. }), "{error}");
    for part in says {
        assert!(error.to_string().contains(part), "`{error}` does not say `{part}`");
    }
}

#[test]
fn what_does_not_unwrap_is_named_and_nothing_is_made_anew() {
    let home = Home::new();
    let wrapper = Wrapper::default();
    drop(Vault::init(home.options().key_wrapper(wrapper.clone())).unwrap());
    let text = ring(&home);
    refused(home.options(), &["is wrapped, and this program has nothing to unwrap it", "key_wrapper"]);
    Vault::open_or_init(home.options()).unwrap_err();
    wrapper.down.store(true, Ordering::Relaxed);
    refused(home.options().key_wrapper(wrapper.clone()), &["the test's wrapper", "503", "reached"]);
    wrapper.down.store(false, Ordering::Relaxed);
    let other = Wrapper { key: [1; 32], ..wrapper.clone() };
    refused(home.options().key_wrapper(other), &["wrapped by another key"]);
    for (broken, says) in [
        (text.replace("@wrapped:", "@wrapped:!"), "is wrapped and not base64"),
        (format!("{text}more\n"), "has more after its wrapped ring"),
    ] {
        fs::write(home.path().join("config/vault.keys"), broken).unwrap();
        refused(home.options().key_wrapper(wrapper.clone()), &[says]);
    }
    fs::write(home.path().join("config/vault.keys"), text).unwrap();
    Vault::open_with(home.options().key_wrapper(wrapper)).unwrap().verify().unwrap();
}

#[test]
fn a_ring_in_the_open_is_wrapped_when_it_is_asked_for_and_not_taken_before() {
    let (home, vault) = Home::with_vault();
    drop(vault);
    let wrapper = Wrapper::default();
    let options = || home.options().key_wrapper(wrapper.clone());
    refused(options(), &["is not wrapped, as it should be by the test's wrapper", "wrap_key"]);
    assert!(options().wrap_key().unwrap());
    assert!(!options().wrap_key().unwrap(), "once");
    Vault::open_with(options()).unwrap().verify().unwrap();
    assert!(!home.options().key_file(home.path().join("none")).wrap_key().is_ok_and(|wrapped| wrapped));
}

#[test]
fn a_wrapped_ring_may_come_as_text() {
    let home = Home::new();
    let wrapper = Wrapper::default();
    drop(Vault::init(home.options().key_wrapper(wrapper.clone())).unwrap());
    let text = ring(&home).lines().find(|line| line.starts_with('@')).unwrap().to_owned();
    fs::remove_file(home.path().join("config/vault.keys")).unwrap();
    let options = home.options().key(text).unwrap().key_wrapper(wrapper);
    Vault::open_with(options).unwrap().verify().unwrap();
}

/// The keyring is `keyring-core`'s own, which keeps entries in memory; `docs/testing.md` has the command for a real one.
#[tokio::test]
async fn a_ring_lies_in_a_keyring_like_in_a_file() {
    let home = Home::new();
    let keyring: Arc<keyring_core::CredentialStore> = keyring_core::mock::Store::new().unwrap();
    in_keyring(&home, &keyring, |options| options.keyring(&keyring)).await;
}

#[cfg(feature = "os-keyring")]
#[tokio::test]
async fn a_ring_lies_in_the_keyring_of_this_session() {
    let home = Home::new();
    let keyring: Arc<keyring_core::CredentialStore> =
        dbus_secret_service_keyring_store::Store::new().unwrap();
    in_keyring(&home, &keyring, VaultOptions::os_keyring).await;
}

async fn in_keyring(
    home: &Home,
    keyring: &Arc<keyring_core::CredentialStore>,
    keep: impl Fn(VaultOptions) -> Result<VaultOptions, VaultError>,
) {
    let options = || keep(home.options()).unwrap();
    let name = home.path().to_str().unwrap().to_owned();
    let entry = keyring_core::Entry::new_in_store(keyring, "keystroke", &name).unwrap();
    let error = Vault::open_with(options()).unwrap_err();
    assert!(matches!(error, VaultError::NoVault { .. }), "{error}");
    let (vault, created) = Vault::init(options()).unwrap();
    assert_eq!((created.key_source, created.new_key), (KeySource::Keyring(name.clone()), true));
    store(&vault, "a", exa().in_organization("acme"));
    assert!(!home.path().join("config").exists());
    let first = entry.get_password().unwrap();
    let rotated = vault.rotate_key().unwrap();
    assert!(rotated.left.is_empty() && rotated.retired.len() == 1);
    assert_ne!(entry.get_password().unwrap(), first);
    drop(vault);
    let vault = Vault::open_with(options()).unwrap();
    assert_eq!(lent(&vault, "p").await.unwrap(), "a-secret");
    drop(vault);
    // A new key is never made in place of one that is gone.
    entry.delete_credential().unwrap();
    let error = Vault::open_or_init(options()).unwrap_err();
    assert!(matches!(error, VaultError::MissingKey { .. }) && error.to_string().contains(&name), "{error}");
}
