//! The lock under which a vault is made, and how folders and files are made private and lasting.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Result, VaultError};

/// Held while a vault is made, so that of two first processes one makes it and the other finds it. The file
/// stays: deleting a lock file lets a third process lock another one of the same name.
pub(crate) struct CreationLock {
    _file: File,
}

impl CreationLock {
    /// Waits for the lock of `folder`, which is made if need be, and not for ever: making a vault takes less than
    /// a second, so who holds it for longer is stuck.
    pub(crate) fn acquire(folder: &Path, patience: Duration) -> Result<Self> {
        make_folder(folder)?;
        let path = folder.join("vault.lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        private(&mut options);
        let file = options.open(&path).map_err(|error| VaultError::io_write(&path, error))?;
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => return Err(VaultError::Busy { file: path }),
                Err(TryLockError::Error(error)) => return Err(VaultError::io_write(&path, error)),
            }
        }
    }
}

/// Makes a folder, and those above it, for this user alone. One that is there keeps its mode.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| VaultError::io_write(folder, error))
}

/// A file that is made will be for this user alone.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Makes a rename or link in `folder` survive a power loss.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder).and_then(|open| open.sync_all()).map_err(|error| VaultError::io(folder, error))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_held_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let lock = CreationLock::acquire(folder.path(), Duration::ZERO).unwrap();
        let error = CreationLock::acquire(folder.path(), Duration::from_millis(20)).err().unwrap();
        assert!(matches!(error, VaultError::Busy { .. }) && error.may_retry(), "{error}");
        assert!(error.to_string().contains("vault.lock"), "{error}");
        drop(lock);
        CreationLock::acquire(folder.path(), Duration::ZERO).unwrap();
    }
}
