//! Which file a path leads to: a file that is renamed over it is another one.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use crate::error::{Result, VaultError};

/// What tells a file from every other one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    device: u64,
    file: u64,
}

impl FileIdentity {
    /// The identity of the file with this metadata.
    pub(crate) fn of(about: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Self { device: about.dev(), file: about.ino() }
        }
        // Elsewhere an open file can't be renamed over.
        #[cfg(not(unix))]
        {
            let _ = about;
            Self { device: 0, file: 0 }
        }
    }

    /// The identity of the file that is under the path now.
    pub(crate) fn at(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            Ok(about) => Ok(Self::of(&about)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(VaultError::Replaced { file: path.to_owned() })
            }
            Err(error) => Err(VaultError::io(path, error)),
        }
    }

    /// Checks that the file under the path is still this one.
    pub(crate) fn check(self, path: &Path) -> Result<()> {
        if Self::at(path)? == self { Ok(()) } else { Err(VaultError::Replaced { file: path.to_owned() }) }
    }
}

/// Checks that the file that the connection has open is still the one under its path.
pub(crate) fn check_in_place(connection: &Connection, path: &Path) -> Result<()> {
    let mut moved = 0;
    connection
        .file_control(None::<&str>, rusqlite::FileControl::HasMoved(&mut moved))
        .map_err(|error| VaultError::sqlite(path, &error))?;
    if moved == 0 { Ok(()) } else { Err(VaultError::Replaced { file: path.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_in_the_place_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        for file in [&file, &other] {
            fs::write(file, "same").unwrap();
        }
        let identity = FileIdentity::at(&file).unwrap();
        identity.check(&file).unwrap();
        fs::rename(&file, folder.path().join("away")).unwrap();
        assert!(matches!(identity.check(&file), Err(VaultError::Replaced { .. })));
        fs::rename(&other, &file).unwrap();
        assert!(matches!(identity.check(&file), Err(VaultError::Replaced { .. })));
        fs::rename(folder.path().join("away"), &file).unwrap();
        identity.check(&file).unwrap();
    }
}
