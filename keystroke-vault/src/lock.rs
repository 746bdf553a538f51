//! Locks between processes for what SQLite's do not cover, and how folders and files are made private and lasting.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Result, VaultError};

/// Held while a vault or its key is made, changed, copied or put back, so that of two processes that do so one comes after the
/// other. The file stays: deleting a lock file lets a third process lock another one of the same name.
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock of `folder`, which is made if need be.
    pub(crate) fn of_vault(folder: &Path, patience: Duration) -> Result<Self> {
        Self::acquire(&folder.join("vault.lock"), patience)
    }

    /// Waits for the lock of one file, which lies beside it.
    pub(crate) fn beside(file: &Path, patience: Duration) -> Result<Self> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        Self::acquire(&folder_of(file).join(name), patience)
    }

    /// Not for ever: what is done under a lock takes seconds at most, but for the rotation of a large vault's key, and
    /// who holds it for longer is stuck.
    fn acquire(path: &Path, patience: Duration) -> Result<Self> {
        make_folder(folder_of(path))?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        private(&mut options);
        // Whoever may write to the folder could have put a link there, to have a file made elsewhere, or a pipe, which
        // would make this process wait for ever.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed(),
        );
        let file = options.open(path).map_err(|error| VaultError::io_write(path, error))?;
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => return Err(VaultError::Busy { file: path.to_owned() }),
                Err(TryLockError::Error(error)) => return Err(VaultError::io_write(path, error)),
            }
        }
    }
}

/// The folder of a file, where its name has one.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
        let lock = FileLock::of_vault(folder.path(), Duration::ZERO).unwrap();
        let error = FileLock::of_vault(folder.path(), Duration::from_millis(20)).err().unwrap();
        assert!(matches!(error, VaultError::Busy { .. }) && error.may_retry(), "{error}");
        assert!(error.to_string().contains("vault.lock"), "{error}");
        drop(lock);
        FileLock::of_vault(folder.path(), Duration::ZERO).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_lock_file_is_neither_waited_for_nor_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (place, elsewhere) = (folder.path().join("vault.lock"), folder.path().join("elsewhere"));
        std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
        let error = FileLock::of_vault(folder.path(), Duration::ZERO).err().unwrap();
        assert!(error.to_string().contains("vault.lock") && !elsewhere.exists(), "{error}");
        fs::remove_file(&place).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
        let error = FileLock::of_vault(folder.path(), Duration::ZERO).err().unwrap();
        assert!(error.to_string().contains("vault.lock"), "{error}");
    }
}
