//! The lock under which a vault is made, and how folders and files are made private and lasting.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use crate::error::{Result, VaultError};

/// Held while a vault is made, so that of two first processes one makes it and the other finds it. The file
/// stays: deleting a lock file lets a third process lock another one of the same name.
pub(crate) struct CreationLock {
    _file: File,
}

impl CreationLock {
    /// Waits for the lock of `folder`, which is made if need be.
    pub(crate) fn acquire(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let path = folder.join("vault.lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        private(&mut options);
        let file = options.open(&path).map_err(|error| VaultError::io_write(&path, error))?;
        file.lock().map_err(|error| VaultError::io_write(&path, error))?;
        Ok(Self { _file: file })
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
