use std::error::Error;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use keystroke_core::{Instance, SecretString};

use crate::{Add, KeyWrapper, Vault, VaultOptions, audit};

/// A vault that had another key before, and a second handle of it.
fn two_handles() -> (tempfile::TempDir, Vault, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let options = VaultOptions::at(folder.path());
    let (vault, _) = Vault::init(options.clone()).unwrap();
    let other = Vault::open_with(options).unwrap();
    other.rotate_key().unwrap();
    let own = Instance::new("exa").in_organization("acme").field("api_key", "a-long-secret");
    vault.add([own], Add::OnlyFirst).unwrap();
    (folder, vault, other)
}

/// Another process rotates the key while a moment is read that is sealed with the old one, and another thread meets the
/// new one.
#[test]
fn what_is_read_outlives_the_end_of_a_rotation() {
    let (_folder, vault, other) = two_handles();
    let mut moments = 0;
    let mut lent = vault.inner.readers.take().unwrap();
    let read = lent.reader().unwrap().at_one_moment(|reader| {
        moments += 1;
        if moments == 1 {
            other.rotate_key().unwrap();
            vault.inner.subkeys.reload().unwrap();
        }
        reader.group("acme", "exa")
    });
    assert_eq!((read.unwrap().entries.len(), moments), (1, 2));
}

/// As above, of the audit record.
#[test]
fn a_record_that_is_read_outlives_the_end_of_a_rotation() {
    let (_folder, vault, other) = two_handles();
    let inner = &vault.inner;
    let mut rows = 0;
    let walked = audit::walk(&inner.options.audit_file(), &inner.subkeys, &inner.audit.seen(), |_| {
        rows += 1;
        if rows == 1 {
            other.rotate_key().unwrap();
            inner.subkeys.reload().unwrap();
        }
    });
    walked.map(drop).unwrap();
    vault.verify().unwrap();
}

/// Wraps nothing, and holds up one unwrapping until another one is done, or for a while.
#[derive(Default)]
struct Slow(Mutex<Option<(mpsc::Sender<()>, mpsc::Receiver<()>)>>);

impl KeyWrapper for std::sync::Arc<Slow> {
    fn name(&self) -> &str {
        "a slow service"
    }

    fn wrap_ring(&self, ring: &SecretString) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(ring.expose_secret().as_bytes().to_vec())
    }

    fn unwrap_ring(&self, wrapped: &[u8]) -> Result<SecretString, Box<dyn Error + Send + Sync>> {
        let held = self.0.lock().unwrap().take();
        if let Some((began, done)) = held {
            began.send(()).unwrap();
            let _ = done.recv_timeout(Duration::from_millis(300));
        }
        Ok(String::from_utf8(wrapped.to_vec())?.into())
    }
}

/// Two threads read the ring, and the one that read it first is done last.
#[test]
fn an_earlier_ring_never_takes_the_place_of_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let slow = std::sync::Arc::new(Slow::default());
    let open = || VaultOptions::at(folder.path()).key_wrapper(std::sync::Arc::clone(&slow));
    let (vault, _) = Vault::init(open()).unwrap();
    let other = Vault::open_with(open()).unwrap();
    let (began, is_begun) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    *slow.0.lock().unwrap() = Some((began, is_done));
    let subkeys = &vault.inner.subkeys;
    std::thread::scope(|scope| {
        scope.spawn(|| subkeys.reload().map(drop).unwrap());
        is_begun.recv().unwrap();
        other.rotate_key().unwrap();
        subkeys.reload().unwrap();
        let _ = done.send(());
    });
    assert_eq!(subkeys.active().unwrap().id, other.inner.subkeys.active().unwrap().id);
}
