//! Locks between processes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::folder::{folder_of, make_folder};
use crate::open::{private, without_waiting};

/// How often a waiting process tries again. Often enough to get in between two turns of a process that takes the lock again
/// and again.
const RETRY: Duration = Duration::from_millis(1);

/// Says that a lock's path is taken.
const SPECIAL: &str = "it is not a regular file but a link, a pipe, a folder or the like";

/// Held while files are created, changed, copied or restored, so that processes that do so take turns. The lock file stays:
/// deleting it would let a third process lock another file of the same name.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Why the lock could not be taken.
#[derive(Debug)]
pub enum LockError {
    /// Another process held it for too long.
    Busy,
    /// Its file can't be created or opened.
    Io(io::Error),
}

impl FileLock {
    /// Waits for the lock file `path`, which is created with its folder if need be. The wait is bounded: work under a lock
    /// takes seconds, and a process that holds it for longer is stuck.
    ///
    /// # Errors
    /// [`LockError`], also for a link or a pipe at `path`.
    pub fn acquire(path: &Path, patience: Duration) -> Result<Self, LockError> {
        make_folder(folder_of(path)).map_err(LockError::Io)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        private(&mut options);
        // A planted link would create a file elsewhere, and a pipe would block this process for ever.
        without_waiting(&mut options, true);
        let file = options.open(path).map_err(|error| LockError::Io(in_words(path, error)))?;
        if !file.metadata().map_err(LockError::Io)?.is_file() {
            return Err(LockError::Io(io::Error::other(SPECIAL)));
        }
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(RETRY),
                Err(TryLockError::WouldBlock) => return Err(LockError::Busy),
                Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
            }
        }
    }
}

/// The system's own words for a link or a pipe don't help: "too many levels of symbolic links", "no such device".
fn in_words(path: &Path, error: io::Error) -> io::Error {
    match std::fs::symlink_metadata(path) {
        Ok(about) if !about.is_file() => io::Error::other(SPECIAL),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_held_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("the.lock");
        let lock = FileLock::acquire(&path, Duration::ZERO).unwrap();
        assert!(matches!(FileLock::acquire(&path, Duration::from_millis(20)), Err(LockError::Busy)));
        drop(lock);
        FileLock::acquire(&path, Duration::ZERO).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_lock_file_is_neither_waited_for_nor_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (place, elsewhere) = (folder.path().join("the.lock"), folder.path().join("elsewhere"));
        let refused = || match FileLock::acquire(&place, Duration::ZERO) {
            Err(LockError::Io(error)) => assert_eq!(error.to_string(), SPECIAL),
            other => panic!("{other:?}"),
        };
        std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
        refused();
        assert!(!elsewhere.exists());
        std::fs::remove_file(&place).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
        refused();
        // Nor one that somebody reads from, which opens at once.
        let _reader = OpenOptions::new().read(true).write(true).open(&place).unwrap();
        refused();
    }
}
