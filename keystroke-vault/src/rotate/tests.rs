use keystroke_core::Instance;

use crate::{Add, Vault, VaultOptions, audit};

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
            vault.inner.keyring.reload().unwrap();
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
    let walked = audit::walk(&inner.options.audit_file(), &inner.keyring, &inner.audit.seen(), |_| {
        rows += 1;
        if rows == 1 {
            other.rotate_key().unwrap();
            inner.keyring.reload().unwrap();
        }
    });
    walked.map(drop).unwrap();
    vault.verify().unwrap();
}
