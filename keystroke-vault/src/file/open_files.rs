//! Files that SQLite holds locks on, and that keystroke reads itself.
//!
//! SQLite's locks are POSIX locks: a process that closes *any* of its descriptors of a file loses all the locks that
//! any of its connections has on it. Another process then takes itself for the last one, and deletes the log that
//! this one still writes to. So a file that is opened here is opened once, and stays open until it is deleted: there
//! are as many descriptors as there are such files.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

static OPEN: Mutex<Vec<Arc<File>>> = Mutex::new(Vec::new());

/// The file under this path, for reading.
#[cfg(unix)]
pub(crate) fn open(path: &Path) -> io::Result<Arc<File>> {
    use std::os::unix::fs::MetadataExt as _;

    use super::identity::FileIdentity;
    let mut files = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    // SQLite deletes a log when nobody has it open any more. A file that can't be asked stays.
    files.retain(|file| {
        Arc::strong_count(file) > 1 || file.metadata().map_or(true, |about| about.nlink() > 0)
    });
    let wanted = FileIdentity::of(&std::fs::metadata(path)?);
    let is_it = |file: &&Arc<File>| file.metadata().is_ok_and(|about| FileIdentity::of(&about) == wanted);
    if let Some(file) = files.iter().find(is_it) {
        return Ok(Arc::clone(file));
    }
    // Meanwhile another file may have come there that is open already: then it has two descriptors.
    let (file, _) = keystroke_files::open(path)?;
    let file = Arc::new(file);
    files.push(Arc::clone(&file));
    Ok(file)
}

/// Reads the beginning of a file, as far as `into` goes.
#[cfg(unix)]
pub(crate) fn read_start(path: &Path, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(&*open(path)?, into, 0)
}

/// Reads the beginning of a file. On this system locks belong to descriptors.
#[cfg(not(unix))]
pub(crate) fn read_start(path: &Path, into: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut File::open(path)?, into)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_once_and_closed_when_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        std::fs::write(&one, "one").unwrap();
        std::fs::write(&two, "two").unwrap();
        let first = open(&one).unwrap();
        assert!(Arc::ptr_eq(&first, &open(&one).unwrap()));
        let file = Arc::downgrade(&first);
        drop(first);
        open(&two).unwrap();
        assert!(file.upgrade().is_some(), "closed while its file is there");
        std::fs::remove_file(&one).unwrap();
        open(&two).unwrap();
        assert!(file.upgrade().is_none(), "kept without its file");
    }

    #[test]
    fn another_file_under_the_same_path_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        std::fs::write(&one, "1").unwrap();
        std::fs::write(&two, "2").unwrap();
        let mut byte = [0];
        assert_eq!((read_start(&one, &mut byte).unwrap(), byte), (1, *b"1"));
        std::fs::rename(&two, &one).unwrap();
        assert_eq!((read_start(&one, &mut byte).unwrap(), byte), (1, *b"2"));
    }
}
