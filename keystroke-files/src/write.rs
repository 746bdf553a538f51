//! Files that are written so that a killed process leaves a whole one, the old or the new, or none where there was none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::folder::{folder_of, make_folder, sync_folder};
use crate::open::private;
use crate::random::random_base32;

/// The file beside `file` whose name goes on with `suffix`.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    folder_of(file).join(name)
}

/// Makes a file for this user alone, and has it on the disk. One that is there, a link included, is an error.
///
/// # Errors
/// It is there, or can't be written.
pub fn write_new(file: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut open = options.open(file)?;
    open.write_all(bytes)?;
    open.sync_all()?;
    Ok(open)
}

/// Makes a file where there is none, whole and at once; `false` if another process was faster.
///
/// # Errors
/// It can't be written. Then nothing is left of it.
pub fn create(file: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = folder_of(file);
    make_folder(folder)?;
    let new = beside(file, &format!(".new-{}", random_base32(8).map_err(io::Error::other)?));
    let made = write_new(&new, bytes).and_then(|_| match fs::hard_link(&new, file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // A file system without hard links.
        Err(_) if !file.exists() => fs::rename(&new, file).map(|()| true),
        Err(_) => Ok(false),
    });
    // Gone already after a rename.
    let _ = fs::remove_file(&new);
    let made = made?;
    sync_folder(folder)?;
    Ok(made)
}

/// Puts a file in the place of the one of its name, whole and at once, with the mode of that one. To be called under its
/// lock. A link is replaced, not followed.
///
/// # Errors
/// It can't be written. Then the old one is there still.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // Under the lock nobody else has one: what is there was left by a killed process.
    let new = beside(file, ".changing");
    let _ = fs::remove_file(&new);
    let replaced = write_new(&new, bytes).and_then(|open| {
        match fs::metadata(file) {
            Ok(about) => open.set_permissions(about.permissions())?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::rename(&new, file)
    });
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced?;
    sync_folder(folder_of(file))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_replaced_whole_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sub/file");
        assert!(create(&file, b"one").unwrap() && !create(&file, b"two").unwrap());
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!((fs::read(&file).unwrap(), mode()), (b"one".to_vec(), 0o600));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        // What a killed process left, and what somebody put there.
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, beside(&file, ".changing")).unwrap();
        replace(&file, b"three").unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode()), (b"three".to_vec(), 0o400));
        assert!(!elsewhere.exists());
        let names = fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "nothing is left beside it");
        let other = folder.path().join("sub/other");
        replace(&other, b"new").unwrap();
        assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
