//! A ring that a keyring of the operating system keeps: one entry per vault, through `keyring-core`.

use std::path::Path;
use std::sync::Arc;

use keyring_core::{CredentialStore, Error};
use keystroke_files::{FileLock, shown};
use zeroize::Zeroizing;

use super::key_source::KeySource;
use crate::error::{Result, VaultError};
use crate::file::busy;
use crate::lock;

const SERVICE: &str = "keystroke";

/// The entry of one vault.
#[derive(Clone)]
pub(crate) struct KeyringEntry {
    store: Arc<CredentialStore>,
    entry: Arc<keyring_core::Entry>,
    /// The vault's folder, which tells its entry from others.
    account: Arc<str>,
}

impl KeyringEntry {
    pub(crate) fn of_vault(store: &Arc<CredentialStore>, folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).map_err(|error| VaultError::io(folder, error))?;
        let account = folder.to_str().ok_or_else(|| VaultError::CannotWrite {
            problem: format!("{} is not Unicode, and a keyring takes nothing else", shown(&folder)),
            fix: "keep the vault in a folder whose name is".to_owned(),
        })?;
        Self::named(store, account)
    }

    fn named(store: &Arc<CredentialStore>, account: &str) -> Result<Self> {
        match keyring_core::Entry::new_in_store(store, SERVICE, account) {
            Ok(entry) => {
                Ok(Self { store: Arc::clone(store), entry: Arc::new(entry), account: Arc::from(account) })
            }
            Err(error) => Err(failed(KeySource::Keyring(account.to_owned()), &error)),
        }
    }

    /// The entry for keys that were taken out of this one.
    pub(crate) fn beside(&self) -> Result<Self> {
        Self::named(&self.store, &format!("{}.retired", self.account))
    }

    pub(crate) fn describe(&self) -> KeySource {
        KeySource::Keyring(self.account.to_string())
    }

    /// What the entry holds; `None` if there is no entry.
    pub(crate) fn read(&self) -> Result<Option<Zeroizing<String>>> {
        match self.entry.get_password() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(self.describe(), &error)),
        }
    }

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        self.entry.set_password(text).map_err(|error| failed(self.describe(), &error))
    }

    /// `false` if there is one already: a first ring never overwrites one that vaults are sealed with.
    pub(crate) fn create(&self, text: &str) -> Result<bool> {
        let _lock = self.lock()?;
        if self.read()?.is_some() {
            return Ok(false);
        }
        self.write(text).map(|()| true)
    }

    /// A keyring has no lock that spans a read and a write; the vault's folder has one.
    pub(crate) fn lock(&self) -> Result<FileLock> {
        lock::beside(&Path::new(&*self.account).join("keyring"), busy::PATIENCE)
    }
}

fn failed(source: KeySource, error: &Error) -> VaultError {
    let fix = match error {
        Error::NoStorageAccess(_) => "unlock the system's keyring and try again",
        Error::Ambiguous(_) => "delete all but one of the entries of this name from the system's keyring",
        _ => "see that a keyring runs in this session; a server has none, and keeps the key in a file",
    };
    // What could not be read may be a key: of these errors only the kind is shown.
    let problem = match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "does not hold text".to_owned(),
        Error::Ambiguous(entries) => format!("is there {} times", entries.len()),
        error => format!("cannot be used: {error}"),
    };
    VaultError::KeyWrapping { source, problem, fix: fix.to_owned() }
}

/// The keyring of this session.
#[cfg(feature = "os-keyring")]
pub(crate) fn system() -> Result<Arc<CredentialStore>> {
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    let store = dbus_secret_service_keyring_store::Store::new();
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    let store: Result<Arc<CredentialStore>, Error> = Err(Error::NoDefaultStore);
    match store {
        Ok(store) => Ok(store),
        Err(error) => Err(failed(KeySource::Keyring(SERVICE.to_owned()), &error)),
    }
}
