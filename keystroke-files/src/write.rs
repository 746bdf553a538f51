//! Writing files so that a killed process leaves a whole one: the old or the new, or none where there was none.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::folder::{folder_of, make_folder, sync_folder};
use crate::open::private;

/// The path of `file` with `suffix` added to its name.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    folder_of(file).join(name_of(file, suffix))
}

fn name_of(file: &Path, suffix: &str) -> OsString {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    name
}

/// Creates an empty file for this user alone.
///
/// # Errors
/// It can't be created, or exists already, be it as a link.
pub fn new_file(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    options.open(file)
}

/// Makes what was written to a file survive a loss of power.
///
/// # Errors
/// The system refuses.
pub fn sync_file(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

/// Writes a [`new_file`], and has it on the disk.
///
/// # Errors
/// It exists already, be it as a link, or can't be written.
pub fn write_new(file: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut open = new_file(file)?;
    open.write_all(bytes)?;
    open.sync_all()?;
    Ok(open)
}

/// Creates a file atomically. `false` if it exists already.
///
/// # Errors
/// It can't be written. Then nothing is left of it.
pub fn create(file: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = folder_of(file);
    make_folder(folder)?;
    let mut new = Builder::new().prefix(&name_of(file, ".new-")).tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    let is_ours = match new.persist_noclobber(file) {
        Ok(_) => true,
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => false,
        // A file system may have neither a rename that replaces nothing nor hard links.
        Err(refused) => take_name(refused.file, file)?,
    };
    if is_ours {
        sync_folder(folder)?;
    }
    Ok(is_ours)
}

/// The same by two steps: an empty file takes the name, of which only one process gets it, and then the full one takes its
/// place. A process killed in between leaves the empty one, which its reader refuses; a lost file nobody would notice.
fn take_name(new: NamedTempFile, file: &Path) -> io::Result<bool> {
    match new_file(file) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error),
    }
    if let Err(refused) = new.persist(file) {
        let _ = fs::remove_file(file);
        return Err(refused.error);
    }
    Ok(true)
}

/// Replaces a file atomically and keeps its mode. Call it under the file's lock. A link is replaced, not followed.
///
/// The new file has one fixed name until it is renamed, so the next change removes what a killed process left there.
///
/// # Errors
/// It can't be written. Then the old file is still there.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(file);
    // Under the lock nobody else is writing it, so a killed process left this.
    let _ = fs::remove_file(beside(file, ".changing"));
    let mut new = Builder::new().prefix(&name_of(file, ".changing")).rand_bytes(0).tempfile_in(folder)?;
    new.write_all(bytes)?;
    match fs::metadata(file) {
        Ok(about) => new.as_file().set_permissions(about.permissions())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    new.as_file().sync_all()?;
    new.persist(file)?;
    sync_folder(folder)
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
        // Where the file system can't do it in one step.
        let (by_two, link) = (folder.path().join("by-two"), folder.path().join("link"));
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        let new = |bytes| {
            let mut new = Builder::new().tempfile_in(&folder).unwrap();
            new.write_all(bytes).unwrap();
            new
        };
        assert!(take_name(new(b"one"), &by_two).unwrap() && !take_name(new(b"two"), &by_two).unwrap());
        assert!(!take_name(new(b"two"), &link).unwrap() && !elsewhere.exists());
        assert_eq!(
            (fs::read(&by_two).unwrap(), fs::read_dir(&folder).unwrap().count()),
            (b"one".to_vec(), 3)
        );
        let other = folder.path().join("sub/other");
        replace(&other, b"new").unwrap();
        assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
