//! Maps `io::Error` and `rusqlite::Error` to [`VaultError`].

use std::io;
use std::path::Path;
use std::sync::Arc;

use keystroke_files::beside;

use super::VaultError;

/// What is said of a row that none of our checks would have let in.
pub(crate) const TOO_BIG: &str = "it holds more than keystroke writes";

/// What a row holds that keystroke never writes, if that is why the row can't be read.
pub(crate) fn foreign_value(error: &rusqlite::Error) -> Option<&'static str> {
    use rusqlite::Error as E;
    match error {
        E::InvalidColumnType(..)
        | E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::Utf8Error(..) => Some("a row holds a value that keystroke does not write"),
        error if error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) => Some(TOO_BIG),
        _ => None,
    }
}

impl VaultError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let folder = || path.parent().unwrap_or(path).to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { folder: folder() },
            io::ErrorKind::FileTooLarge => Self::FileTooLarge { file: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), error: Arc::new(error) },
        }
    }

    /// As [`io`](Self::io), where something was to be written.
    pub(crate) fn io_write(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { folder: path.parent().unwrap_or(path).to_owned() }
            }
            _ => Self::io(path, error),
        }
    }

    pub(crate) fn sqlite(file: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let damaged = |what: &str| Self::Damaged { file: file.to_owned(), what: what.to_owned() };
        if let Some(what) = foreign_value(error) {
            return damaged(what);
        }
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            return damaged("a row that is always there is missing");
        }
        let folder = || file.parent().unwrap_or(file).to_owned();
        match error.sqlite_error_code() {
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                Self::ReadOnly { folder: folder() }
            }
            Some(Code::DiskFull) => Self::DiskFull { folder: folder() },
            Some(Code::SystemIoFailure) if at_size_limit(file) => {
                Self::FileTooLarge { file: file.to_owned() }
            }
            Some(Code::SystemIoFailure) if no_room(error, &folder()) => Self::DiskFull { folder: folder() },
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy { file: file.to_owned() },
            Some(Code::NotADatabase) => {
                Self::NotAVault { file: file.to_owned(), what: "not an SQLite database".to_owned() }
            }
            Some(Code::DatabaseCorrupt) => damaged("its pages do not fit together"),
            // SQLite's own message may name tables and columns, and holds no bound value.
            _ => Self::Sqlite { file: file.to_owned(), message: error.to_string() },
        }
    }
}

/// Whether a database, or a file that SQLite keeps beside it, is near the longest that this process may write. SQLite
/// calls that too just an "I/O error".
fn at_size_limit(file: &Path) -> bool {
    // As much as SQLite may want to write at once.
    const NEAR: u64 = 1024 * 1024;
    keystroke_files::file_size_limit().is_some_and(|limit| {
        ["", "-wal", "-shm", "-journal"].iter().any(|suffix| {
            let length = std::fs::metadata(beside(file, suffix)).map(|about| about.len());
            length.is_ok_and(|length| length.saturating_add(NEAR) > limit)
        })
    })
}

/// Whether an "I/O error" of SQLite's is a full disk. About the index of its log it says no more than that; elsewhere
/// it recognizes a full disk, but not in every file system's words.
fn no_room(error: &rusqlite::Error, folder: &Path) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    if code == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        return true;
    }
    // Less than a page that SQLite may want to write at once.
    #[cfg(unix)]
    return rustix::fs::statvfs(folder)
        .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < 64 * 1024);
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

#[cfg(test)]
mod tests;
