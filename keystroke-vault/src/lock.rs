//! Turns lock and folder failures of `keystroke-files` into [`VaultError`]s. How long is waited, here and for a
//! database that another process holds, says `file/busy.rs`.

use std::path::Path;
use std::time::Duration;

use keystroke_files::{ExposedFolder, FileLock, LockError};

use crate::error::{Result, VaultError};

/// Waits for the lock of a vault's folder, which is made if need be. It is held while a vault or its key is made, changed,
/// copied or put back.
pub(crate) fn of_vault(folder: &Path, patience: Duration) -> Result<FileLock> {
    acquire(&folder.join("vault.lock"), patience)
}

/// Waits for the lock of one file, which lies beside it.
pub(crate) fn beside(file: &Path, patience: Duration) -> Result<FileLock> {
    acquire(&keystroke_files::beside(file, ".lock"), patience)
}

fn acquire(path: &Path, patience: Duration) -> Result<FileLock> {
    FileLock::acquire(path, patience).map_err(|error| match error {
        LockError::Busy => VaultError::Busy { file: path.to_owned() },
        LockError::Io(error) => VaultError::io_write(path, error),
    })
}

/// Makes a folder, and those above it, for this user alone. A folder that is there keeps its mode.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    keystroke_files::make_folder(folder).map_err(|error| VaultError::io_write(folder, error))
}

/// Makes a rename in `folder` survive a power loss.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    keystroke_files::sync_folder(folder).map_err(|error| VaultError::io(folder, error))
}

/// Refuses a folder in which others may exchange files. `own`: it is keystroke's alone, so that even a sticky one is
/// refused.
pub(crate) fn check_folder(folder: &Path, own: bool) -> Result<()> {
    match keystroke_files::exposed_folder(folder, own).map_err(|error| VaultError::io(folder, error))? {
        None => Ok(()),
        Some(ExposedFolder { folder, mode, mend }) => Err(VaultError::ExposedFolder { folder, mode, mend }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_held_and_one_that_is_none_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let lock = of_vault(folder.path(), Duration::ZERO).unwrap();
        let error = of_vault(folder.path(), Duration::ZERO).unwrap_err();
        assert!(matches!(error, VaultError::Busy { .. }) && error.is_retryable(), "{error}");
        assert!(error.to_string().contains("vault.lock"), "{error}");
        drop(lock);
        let place = folder.path().join("vault.lock");
        std::fs::remove_file(&place).unwrap();
        std::fs::create_dir(&place).unwrap();
        let error = of_vault(folder.path(), Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("vault.lock"), "{error}");
    }
}
